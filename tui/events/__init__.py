"""Events as rows: lists, details, causes, lanes; searching and filtering them."""
