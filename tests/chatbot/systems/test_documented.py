"""The examples of docs/systems.md are ones that an operator can use."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.utils.module_loading import import_string

from chatbot.systems import connected

PAGE = Path(__file__).parents[3] / "docs" / "systems.md"
EXAMPLES = re.findall(r"```json\n(\{\n.*?)```", PAGE.read_text(), re.DOTALL)
HTTP = ("rest", "shopify", "woocommerce", "carriers")


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_makes_its_systems(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in re.findall(r'"env:(\w+)"', example):
        monkeypatch.setenv(name, "c2VjcmV0")
    described: dict[str, Any] = json.loads(example)
    for port, each in described.items():
        if each is None or each["class"].split(".")[2] not in HTTP:
            continue
        options = connected._secrets_filled_in(each.get("options", {}))
        made = import_string(each["class"])(**options)
        assert made is not None, port


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 8
