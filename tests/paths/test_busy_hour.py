"""A busy hour in half a minute: nobody is stranded, and everybody is told why it is theirs."""

from collections.abc import Iterator

import pytest

from tests.busy_hour import CUSTOMERS, facts, replay
from tests.world import Server

pytestmark = [pytest.mark.usefixtures("clean"), pytest.mark.timeout(300)]
# How a reason begins, by language.
_BECAUSE = {"da": "fordi", "sv": "eftersom", "de": "weil", "en": "because"}


@pytest.fixture
def _team(server: Server) -> Iterator[None]:
    """Notice soon that somebody has left; and afterwards have the team as it was."""
    from django.contrib.auth.models import User

    from chatbot.routing.models import AgentProfile, Outcome, RoutingSettings

    before = dict(AgentProfile.objects.values_list("pk", "capacity"))
    RoutingSettings.objects.update_or_create(pk=1, defaults={"leaving_seconds": 2})
    yield
    RoutingSettings.objects.all().delete()
    User.objects.filter(username__in=["nils", "greta"]).delete()
    Outcome.objects.all().delete()
    for pk, capacity in before.items():
        AgentProfile.objects.filter(pk=pk).update(capacity=capacity)


@pytest.mark.usefixtures("_team")
def test_nobody_is_stranded_in_a_busy_hour(server: Server) -> None:
    hour = replay(server, seconds=25)
    assert not hour.errors
    assert len(hour.customers) == CUSTOMERS  # and each was answered, or the replay had failed
    assert {customer.kind for customer in hour.customers} == {"website", "telegram", "email"}
    ended = facts(hour)["ended"]
    assert ended["resolved"] >= CUSTOMERS * 0.6
    assert ended["left"] >= 1  # who logged out or dropped out had somebody
    assert len(hour.told) >= CUSTOMERS
    for name, language, sentence in hour.told:
        assert _BECAUSE[language] in sentence, (name, language, sentence)
