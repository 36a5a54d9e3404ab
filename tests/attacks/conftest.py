"""What TRUST.md says somebody may try who has no account: every test here may open a practice."""

from tests.faces import opens, practice

__all__ = ["opens", "practice"]
