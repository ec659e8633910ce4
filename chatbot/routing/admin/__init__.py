"""Routing in the admin: people, rules, why conversations went where, and what came of it."""

from chatbot.routing.admin import assignments, outcomes, people, rules

__all__ = ["assignments", "outcomes", "people", "rules"]
