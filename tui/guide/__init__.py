"""The first minute and the guided tour."""
