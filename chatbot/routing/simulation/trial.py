"""Play the same worlds under every policy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from chatbot.routing.simulation.engine import Policy, Run, play
from chatbot.routing.simulation.measures import Figures, Recovery, figures_of, mean_of, recovery
from chatbot.routing.simulation.policies import OURS, POLICIES
from chatbot.routing.simulation.world import Settings, World, make_world

LEARNS_NOTHING = "static skills"  # what a swap does to who cannot notice it


@dataclass(frozen=True, slots=True)
class Target:
    """Something to reach: what, how far it got, and whether that is enough."""

    name: str
    figure: str
    is_reached: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """Runs by policy, a run for each seed; recoveries by policy."""

    settings: Settings
    runs: Mapping[str, Sequence[Run]]
    recoveries: Mapping[str, Recovery]

    def figures(self) -> dict[str, Figures]:
        """Return each policy's mean figures."""
        return {
            name: mean_of([figures_of(run) for run in runs]) for name, runs in self.runs.items()
        }

    def worst_spread(self, name: str) -> float:
        """Return the spread of load of the seed in which it was widest."""
        return max(figures_of(run).spread for run in self.runs[name])

    def targets(self) -> list[Target]:
        """Return what was to be reached, each with how far it got."""
        figures = self.figures()
        ours, turns, least = figures[OURS], figures["round robin"], figures["least busy"]
        resolution = ours.mean_resolution / turns.mean_resolution - 1
        escalations = ours.escalations / turns.escalations - 1 if turns.escalations else 0.0
        worst = self.worst_spread(OURS)
        found = [
            Target(
                "mean resolution at least 38 % below round robin",
                f"{resolution:+.1%}",
                resolution <= -0.38,
            ),
            Target(
                "escalations at least 45 % below round robin",
                f"{escalations:+.1%}",
                escalations <= -0.45,
            ),
            Target(
                "every agent's load within 20 % of the mean, in every seed",
                f"{worst:.1%} at most",
                worst <= 0.2,
            ),
            Target(
                "p90 wait no worse than least busy",
                f"{ours.p90_wait:.1f} against {least.p90_wait:.1f} min",
                ours.p90_wait <= least.p90_wait,
            ),
        ]
        if OURS in self.recoveries:
            days = self.recoveries[OURS].days
            found.append(
                Target(
                    "recovers within five working days after two experts swap skills",
                    in_words(days),
                    days is not None and days <= 5,
                )
            )
        return found


def compare(
    settings: Settings,
    seeds: int,
    swap_at: float | None = None,
    tell: Callable[[str], None] = lambda _line: None,
) -> Trial:
    """Play `seeds` worlds under each policy, and two policies with a swap, in weeks, as well."""
    runs: dict[str, list[Run]] = {name: [] for name in POLICIES}
    swapped: dict[str, list[Run]] = {}
    for seed in range(settings.seed, settings.seed + seeds):
        world = make_world(replace(settings, seed=seed))
        for name, policy in POLICIES.items():
            runs[name].append(play(world, policy(world)))
        if swap_at is not None:
            world = make_world(replace(settings, seed=seed, swap=swap_at))
            for name in (LEARNS_NOTHING, OURS):
                swapped.setdefault(name, []).append(play(world, _policy(name, world)))
        tell(f"seed {seed}: {len(world.cases.at)} cases")
    recoveries = {name: recovery(after, runs[name]) for name, after in swapped.items()}
    return Trial(settings, runs, recoveries)


def in_words(days: int | None) -> str:
    """Return a number of working days in words."""
    if days is None:
        return "not in the run"
    return f"{days} working day" + ("" if days == 1 else "s")


def _policy(name: str, world: World) -> Policy:
    return POLICIES[name](world)
