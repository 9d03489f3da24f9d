"""The debugger as a web page."""
