"""Two runs side by side, as rows."""
