"""Getting one text for one picture, exactly once."""
