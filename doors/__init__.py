"""The doors: who may come in, to which page and which live screen, and what is written down about it."""
