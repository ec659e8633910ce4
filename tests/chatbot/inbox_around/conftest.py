"""The inbox in a browser, and agents' own rows put back after each test."""

from collections.abc import Iterator

import pytest

from tests.chatbot.inbox_channels.conftest import open_page

__all__ = ["open_page"]


@pytest.fixture(autouse=True)
def _as_before(server: object) -> Iterator[None]:
    """Take away what agents chose, and who may supervise."""
    from chatbot.inbox.models import Preferences
    from chatbot.routing.models import AgentProfile

    before = dict(AgentProfile.objects.values_list("pk", "capacity"))
    yield
    Preferences.objects.all().delete()
    for pk, capacity in before.items():
        AgentProfile.objects.filter(pk=pk).update(capacity=capacity, presence="online")
