"""The machine: state at any position of a log, and what led to it."""
