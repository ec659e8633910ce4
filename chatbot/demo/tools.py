"""What the demo shop's agents have at hand."""

from pathlib import Path
from typing import Any

import yaml

from chatbot.conversations.models import Label
from chatbot.inbox.models import CannedReply, Macro, SavedView


def load() -> None:
    """Make the shop's labels, canned replies, macros and shared views, as tools.yaml has them."""
    raw: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("tools.yaml").read_text("utf-8"))
    labels = {
        one["name"]: Label.objects.get_or_create(
            name=one["name"], defaults={"colour": one["colour"]}
        )[0].pk
        for one in raw["labels"]
    }
    replies = {
        one["shortcut"]: CannedReply.objects.get_or_create(
            owner=None,
            shortcut=one["shortcut"],
            defaults={"title": one["title"], "texts": one["texts"]},
        )[0].pk
        for one in raw["replies"]
    }
    numbers = {"label": labels, "reply": replies}
    for one in raw["macros"]:
        steps = [
            {
                name: numbers[name][value] if name in numbers else value
                for name, value in step.items()
            }
            for step in one["steps"]
        ]
        Macro.objects.get_or_create(owner=None, name=one["name"], defaults={"steps": steps})
    for one in raw["views"]:
        filters = {"labels": [labels[name] for name in one["labels"]]}
        SavedView.objects.get_or_create(owner=None, name=one["name"], defaults={"filters": filters})
