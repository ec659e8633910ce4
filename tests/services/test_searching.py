"""Searching in PostgreSQL finds what it does in SQLite, also where nearly everything matches."""

from collections.abc import Callable

import pytest

from tests.services.archive import CONVERSATIONS
from tests.services.machines import Machines
from tests.world import Agent

pytestmark = [pytest.mark.services, pytest.mark.timeout(240)]


def test_words_in_a_row_are_found_among_messages_that_have_them_all(
    machines: Machines, agent: Callable[..., Agent]
) -> None:
    machines.run("-m", "tests.services.archive")
    mette = agent(machines.servers[0], "mette")

    def found(q: str) -> list[int]:
        """Return all that is found, over all pages, in their order."""
        query = {"view": "all", "q": q}
        answer = mette.get("conversations", **query)
        ids: list[int] = []
        while True:
            ids += [row["id"] for row in answer["results"]]
            if not answer["next"]:
                return ids
            followed = mette.http.get(answer["next"])
            assert followed.is_success, followed.text
            answer = followed.json()

    expected = [
        int(str(pk))
        for (pk,) in machines.rows(
            "SELECT conversation_id FROM conversations_message WHERE text LIKE 'My violet%%'"
            " ORDER BY id DESC"
        )
    ]
    assert len(expected) == CONVERSATIONS
    assert found('"violet samovar"') == expected, "each once, the newest first"
    assert found('"VIOLET samövar hums"') == expected
    assert found('"samovar hums number 7"') == [expected[-8]], "older than thousands that have all"
    assert found('"violet samovar lid"') == []
    assert set(found("samovar violet tray ")) == set(expected), "in any order"
    assert set(found("samov")) == set(expected), "the last word may be its beginning"
    assert found('"violet samovar" from:archivar12') == [expected[-13]]
