"""The metrics of a log, as charts of text."""
