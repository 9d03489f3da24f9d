"""What a check finds, as rows."""
