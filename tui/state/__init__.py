"""The state at a position as rows, made when they are looked at."""
