"""HTML as it is written: finding images, deciding about them, editing single attributes."""
