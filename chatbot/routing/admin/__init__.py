"""Routing in the admin: people, rules, why conversations went where, and what came of it."""

from chatbot.routing.admin import assignments, blocks, levels, outcomes, people, rules

__all__ = ["assignments", "blocks", "levels", "outcomes", "people", "rules"]
