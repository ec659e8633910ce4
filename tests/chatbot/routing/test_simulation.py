"""The simulation: the same for everybody, nothing lost, nothing impossible."""

from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from chatbot.routing.learning import Outcome
from chatbot.routing.simulation.engine import Case, Desk, Run, play
from chatbot.routing.simulation.measures import figures_of, recovery
from chatbot.routing.simulation.policies import OURS, POLICIES
from chatbot.routing.simulation.trial import compare
from chatbot.routing.simulation.world import DAY, WEEK, Settings, make_world, open_minutes

SMALL = Settings(agents=5, topics=3, weeks=2, seed=3)
WORLD = make_world(SMALL)


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return {name: play(WORLD, policy(WORLD)) for name, policy in POLICIES.items()}


@pytest.mark.parametrize("name", POLICIES)
def test_a_run_is_the_same_each_time(runs: dict[str, Run], name: str) -> None:
    again = play(make_world(SMALL), POLICIES[name](make_world(SMALL)))
    for what in ("wait", "resolution", "passed_on", "agent", "worked", "present"):
        assert np.array_equal(getattr(again, what), getattr(runs[name], what)), what


def test_another_seed_is_another_world() -> None:
    other = make_world(replace(SMALL, seed=4))
    assert len(other.cases.at) != len(WORLD.cases.at)


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("working", ["shared", "serial"])
def test_no_case_is_lost_and_nothing_is_negative(name: str, working: str) -> None:
    world = make_world(replace(SMALL, working=working, utilisation=0.9))
    run = play(world, POLICIES[name](world))
    assert (run.agent >= 0).all()
    assert (run.wait >= 0).all()
    assert (run.resolution > 0).all()
    assert (run.resolution >= run.wait - 1e-6).all()
    assert (run.passed_on <= 3).all()
    assert ((run.worked > 0) & (run.worked <= run.present * 1.001)).all()


class Watching:
    """Round robin by hand, noting who was free."""

    def __init__(self) -> None:
        self.told: list[Outcome] = []
        self.asked: list[tuple[int, tuple[int, ...]]] = []

    def choose(self, case: Case, desks: Sequence[Desk], now: float) -> int | None:
        for desk in desks:
            at_work = any(start <= now < end for start, end in WORLD.shifts[desk.id])
            assert desk.on_shift == at_work
            assert len(desk.pieces) <= desk.capacity
        self.asked.append((case.id, tuple(case.declined)))
        free = [desk.id for desk in desks if desk.has_room and desk.id not in case.declined]
        return free[len(self.asked) % len(free)] if free else None

    def learn(self, outcome: Outcome) -> None:
        self.told.append(outcome)


def test_a_policy_sees_shifts_and_who_declined_and_hears_all_outcomes() -> None:
    watching = Watching()
    run = play(WORLD, watching)
    passed_on = int(run.passed_on.sum())
    assert passed_on > 0
    assert sum(one.minutes is not None for one in watching.told) == len(WORLD.cases.at)
    assert sum(one.solved is False for one in watching.told) >= passed_on
    assert [one.at for one in watching.told] == sorted(one.at for one in watching.told)
    assert {case for case, declined in watching.asked if declined} == set(
        np.flatnonzero(run.passed_on)
    )


class Stubborn(Watching):
    """Gives everything to the first."""

    def choose(self, case: Case, desks: Sequence[Desk], now: float) -> int | None:
        return 0


def test_nobody_is_given_what_they_cannot_take() -> None:
    with pytest.raises(ValueError, match="cannot take"):
        play(WORLD, Stubborn())


# --- The world --------------------------------------------------------------------------------
def test_a_swap_changes_nothing_but_skills_from_its_day_on() -> None:
    swapped = make_world(replace(SMALL, swap=1.0))
    assert np.array_equal(swapped.cases.at, WORLD.cases.at)
    assert np.array_equal(swapped.cases.noise, WORLD.cases.noise)
    assert swapped.shifts == WORLD.shifts
    assert np.array_equal(swapped.skills[:7], WORLD.skills[:7])
    assert swapped.swapped is not None
    (a, b), (s, t) = swapped.swapped
    assert np.array_equal(swapped.skills[7:, a], WORLD.skills[7:, b])
    assert WORLD.skills[7, a, s] > swapped.skills[7, a, s]
    assert WORLD.skills[7, b, t] > swapped.skills[7, b, t]


def test_arrivals_follow_weekday_and_hour_and_fill_the_team_as_asked() -> None:
    world = make_world(replace(SMALL, agents=20, weeks=4))
    day, hour = world.cases.at // DAY % 7, world.cases.at % DAY // 60
    assert (day < 5).mean() > 0.9
    assert ((hour >= 8) & (hour < 18)).mean() > 0.85
    assert (day == 0).sum() > (day == 4).sum()
    assert (hour == 10).sum() > (hour == 17).sum()
    run = play(world, POLICIES["round robin"](world))
    assert figures_of(run).load == pytest.approx(0.7, abs=0.07)


def test_experts_are_faster_and_pass_on_less() -> None:
    expert, novice = WORLD.skills[0, :, 0].argmax(), WORLD.skills[0, :, 0].argmin()
    ratio = np.exp(WORLD.log_minutes(0, novice, 0) - WORLD.log_minutes(0, expert, 0))
    assert 1.8 < ratio < 3.5
    assert WORLD.fails(0, int(expert), 0) < WORLD.fails(0, int(novice), 0)


@pytest.mark.parametrize(
    ("at", "minutes"),
    [
        (0, 0),
        (7 * 60, 0),
        (9 * 60, 60),
        (20 * 60, 600),
        (DAY + 8 * 60, 600),
        (5 * DAY + 600, 3000),
        (WEEK, 3000),
        (WEEK + 8 * 60 + 5, 3005),
    ],
)
def test_only_opening_time_counts(at: float, minutes: float) -> None:
    assert open_minutes(at) == minutes


# --- What comes of it -------------------------------------------------------------------------
def test_svar_beats_round_robin() -> None:
    trial = compare(Settings(weeks=2), seeds=1)
    figures = trial.figures()
    assert figures[OURS].mean_resolution < 0.85 * figures["round robin"].mean_resolution
    assert figures[OURS].escalations < figures["round robin"].escalations


def test_without_a_difference_there_is_nothing_to_recover_from() -> None:
    world = make_world(replace(SMALL, swap=1.0))
    run = play(world, POLICIES["least busy"](world))
    same = recovery([run], [run])
    assert same.days == 0
    assert np.allclose(same.excess, 1.0)
    with pytest.raises(ValueError, match="without a swap"):
        recovery([play(WORLD, POLICIES["least busy"](WORLD))], [run])


def test_the_command_prints_a_table_and_draws(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = StringIO()
    call_command(
        "simulate_routing",
        "--agents=4",
        "--topics=3",
        "--weeks=2",
        "--seeds=1",
        f"--plots={tmp_path}",
        stdout=out,
        stderr=StringIO(),
    )
    printed = out.getvalue()
    for name in POLICIES:
        assert f"\n{name} " in printed
    assert "What is assumed" in printed
    assert {path.name for path in tmp_path.iterdir()} == {
        "figures.svg",
        "load.svg",
        "weeks.svg",
        "recovery.svg",
    }


@pytest.mark.parametrize("option", ["--agents=1", "--drift=-1", "--contrast=0.5", "--plots=/none"])
def test_the_command_says_what_it_cannot_do(option: str) -> None:
    with pytest.raises(CommandError):
        call_command("simulate_routing", option, stdout=StringIO(), stderr=StringIO())
