"""Who had their fair share of the work lately. Pure."""

from collections.abc import Mapping

from chatbot.routing.learning import Estimate

_SHIFT = 480.0  # minutes


def expected_work(estimate: Estimate) -> float:
    """Return the minutes of work that a case is to an agent, as far as is known.

    Who passes a case on has spent about half of what they would have needed.
    """
    return estimate.minutes * (1 + estimate.solves) / 2


def fair_shares(given: Mapping[int, float], present: Mapping[int, float]) -> dict[int, float]:
    """Return what each agent was given relative to the fair share, 1 being that.

    given: `expected_work` of the cases that an agent was given lately, older ones counted
    less. present: minutes that they were at work, counted alike. Of somebody who was hardly there
    nothing is said: a shift with the team's mean load is added to what each had.
    """
    total = sum(present.values())
    mean = sum(given.get(agent, 0.0) for agent in present) / total if total else 0.0
    if mean <= 0:
        return dict.fromkeys(present, 1.0)
    return {
        agent: (given.get(agent, 0.0) / mean + _SHIFT) / (minutes + _SHIFT)
        for agent, minutes in present.items()
    }
