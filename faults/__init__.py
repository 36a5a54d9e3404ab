"""Faults done to the real server, again and again: what was acknowledged, what was lost, what hung. `make faults`.

Each file is a group of faults, and ends with `LOOPS`: functions of a folder and a `Size` that answer with an `Outcome`.
"""
