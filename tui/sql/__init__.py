"""Queries, and what they answer, as rows."""
