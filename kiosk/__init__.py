"""What the patient touches: the check-in tablet, and their own ticket on their phone."""
