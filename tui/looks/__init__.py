"""How things look: themes, glyphs and lines of cells."""
