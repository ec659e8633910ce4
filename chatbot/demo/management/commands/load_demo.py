"""Load the demo shop."""

from typing import Any

from django.core.management.base import BaseCommand

from chatbot.demo import services


class Command(BaseCommand):
    help = "Load the demo shop: articles in four languages, agents, work in progress."

    def handle(self, *args: Any, **options: Any) -> None:
        new = services.load()
        if new:
            self.stdout.write(f"Loaded the demo shop with {new} articles.")
