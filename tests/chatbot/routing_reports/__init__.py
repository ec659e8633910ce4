"""Closed tickets taken over, the team's competence, what was suggested and what was done."""
