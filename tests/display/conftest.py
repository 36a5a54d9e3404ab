"""Every test here may open a practice."""

from tests.faces import opens, practice

__all__ = ["opens", "practice"]
