"""What the user sets in a log, and keeps: breakpoints, watches, marks."""
