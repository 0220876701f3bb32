"""Pictures: where they are, what their bytes digest to, and how they are sent."""
