"""SQL over a log: a columnar mirror of it, and queries that can do no harm."""
