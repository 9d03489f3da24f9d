"""Where a test turns true, as rows."""
