"""What the whole room sees."""
