"""The catalog: alt text that people read, correct, approve and commit."""
