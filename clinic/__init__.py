"""The core: facts, the line they make, and the rules. It knows nothing of the web."""
