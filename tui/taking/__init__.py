"""Taking things out: to the clipboard, and as pictures."""
