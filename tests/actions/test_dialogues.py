"""The 300 written dialogues: see dialogues/README.md."""

from collections.abc import Callable

import pytest

from tests.actions.playing import FOLDER, Played, Player, dialogues
from tests.mail import MailServer
from tests.world import Server

ACTIONS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
Play = Callable[[str], list[Played]]


@pytest.fixture(scope="module")
def play(server: Server, mails: MailServer) -> Play:
    """Play all dialogues of an action, once."""
    player, done = Player(server, mails), {}

    def play(action: str) -> list[Played]:
        if action not in done:
            done[action] = [player.play(dialogue) for dialogue in dialogues(action)]
        return done[action]

    return play


@pytest.mark.timeout(300)
@pytest.mark.parametrize("action", ACTIONS)
def test_dialogues_end_in_the_right_result(play: Play, action: str, clean: None) -> None:
    played = play(action)
    assert len(played) == 50
    wrong = [one for one in played if one.wrong]
    assert len(wrong) <= 0.1 * len(played), "\n\n".join(map(str, wrong))


def test_nineteen_of_twenty_end_in_the_right_result_over_all(play: Play) -> None:
    everything = [one for action in ACTIONS for one in play(action)]
    wrong = [one for one in everything if one.wrong]
    assert len(everything) == 300
    assert len(wrong) <= 0.05 * len(everything), "\n\n".join(map(str, wrong))


@pytest.mark.parametrize("action", ACTIONS)
def test_no_dialogue_reveals_or_changes_anything_for_an_unproven_person(
    play: Play, action: str
) -> None:
    assert [str(one) for one in play(action) if one.leaks] == []


@pytest.mark.parametrize("action", ACTIONS)
def test_no_dialogue_is_a_dead_end(play: Play, action: str) -> None:
    assert [str(one) for one in play(action) if one.dead_end] == []
