"""How fast Kindline is on this machine: `python -m bench`, or `make bench`.

Absolute milliseconds say little about another computer. So every run also measures the limit: a bare server that
commits the same rows and writes one ready-made frame to every screen. What counts is how close the product comes.
"""
