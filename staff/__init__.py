"""What staff touch: the console, the set-up, and the front door with the address of every screen."""
