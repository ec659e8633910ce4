"""Every test finds the website's channel as it was."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.world import KEY, Agent


@pytest.fixture
def mette(agent: Callable[[str], Agent]) -> Agent:
    """Mette, who is here."""
    one = agent("mette")
    one.open()
    return one


@pytest.fixture
def site() -> Iterator[Any]:
    """The website's channel as a query to `update`; put back afterwards."""
    from chatbot.conversations.models import Channel

    rows = Channel.objects.filter(key=KEY)
    before = rows.values("asks_rating", "nps_days").get()
    yield rows
    rows.update(**before)
