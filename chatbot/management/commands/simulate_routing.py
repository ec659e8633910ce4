"""Compare ways of routing on a team that does not exist."""

from argparse import BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatbot.routing.simulation.measures import Figures, Recovery
from chatbot.routing.simulation.plots import draw
from chatbot.routing.simulation.trial import Trial, compare, in_words
from chatbot.routing.simulation.world import Settings

_USUAL = Settings()
_NUMBERS = {
    "utilisation": "share of the time present that random routing would fill",
    "contrast": "how many times as fast as a novice an expert is",
    "experts": "share of the topics that an agent is an expert in",
    "drift": "standard deviation of a skill's change in a week",
    "juniors": "share of agents who begin as novices and grow",
    "wrong": "share of declared levels that are wrong",
    "absence": "probability that an agent is away for some days of a week",
}
_ASSUMPTIONS = """\
What is assumed (docs/routing-model.md has more):
- The team is made up. Work is log-normal; an expert is {contrast:g} times as fast as a novice and
  passes on {expert:.0%} of the cases, a novice {novice:.0%}. Everybody may try every topic and
  speaks the language; topics are known without error.
- Cases come as a Poisson process by weekday and hour; random routing would keep the team busy for
  {utilisation:.0%} of the time. {working}
- A case that nobody has room for waits, first come first served. At the end of a shift agents
  finish what they have. Only opening time counts as wait.
- Skills drift, {juniors:.0%} of the agents are juniors who grow, and {wrong:.0%} of the declared
  levels are wrong. Svar begins knowing these levels and nothing else.
- All policies meet the same cases with the same luck."""
_WORKING = {
    "shared": "Agents share their time among their open cases.",
    "serial": "Agents work at one case at a time.",
}


class Command(BaseCommand):
    help = (
        "Simulate a team under round robin, least busy, static skills and Svar's routing, and "
        "print resolution, wait, escalations and load, beside the targets and the assumptions."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--agents", type=int, default=_USUAL.agents)
        parser.add_argument("--topics", type=int, default=_USUAL.topics)
        parser.add_argument("--weeks", type=int, default=_USUAL.weeks)
        parser.add_argument("--seeds", type=int, default=5, help="how many worlds")
        parser.add_argument("--seed", type=int, default=0, help="the first world's seed")
        for name, text in _NUMBERS.items():
            usual = getattr(_USUAL, name)
            parser.add_argument(f"--{name}", type=float, default=usual, help=f"{text} ({usual:g})")
        parser.add_argument("--capacity", type=int, default=_USUAL.capacity)
        parser.add_argument("--working", choices=list(_WORKING), default=_USUAL.working)
        parser.add_argument(
            "--swap",
            action=BooleanOptionalAction,
            default=True,
            help="also let two experts swap skills half-way",
        )
        parser.add_argument("--plots", type=Path, metavar="FOLDER", help="write SVG pictures here")

    def handle(self, *args: Any, **options: Any) -> None:
        settings, folder = _settings(options), options["plots"]
        if folder and not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        swap_at = settings.weeks / 2 if options["swap"] and settings.weeks >= 2 else None
        trial = compare(settings, options["seeds"], swap_at, tell=self.stderr.write)
        self._print(trial)
        if folder:
            try:
                pictures = draw(trial, folder)
            except ImportError as error:
                raise CommandError("Pictures need matplotlib: pip install matplotlib.") from error
            for picture in pictures:
                self.stdout.write(f"wrote {picture}")

    def _print(self, trial: Trial) -> None:
        figures = trial.figures()
        turns = figures["round robin"]
        self.stdout.write(
            f"{'':14}{'resolution, min':>28}{'wait, min':>17}{'escalations':>15}{'load':>7}{'':>4}"
            "farthest from it"
        )
        self.stdout.write(f"{'':14}{'mean':>14}{'p90':>14}{'mean':>9}{'p90':>8}{'in 100':>15}")
        for name, one in figures.items():
            self.stdout.write(
                f"{name:14}{_beside(one, turns, 'mean_resolution')}"
                f"{_beside(one, turns, 'p90_resolution')}{one.mean_wait:9.1f}{one.p90_wait:8.1f}"
                f"{_beside(one, turns, 'escalations'):>15}{one.load:7.0%}"
                f"{one.spread:11.0%} (worst {trial.worst_spread(name):.0%})"
            )
        for name, recovery in trial.recoveries.items():
            self.stdout.write(_told(name, recovery))
        self.stdout.write("")
        for target in trial.targets():
            mark = "reached" if target.is_reached else "MISSED"
            self.stdout.write(f"{mark:8} {target.name}: {target.figure}")
        self.stdout.write("")
        self.stdout.write(_assumed(trial.settings))


def _settings(options: dict[str, Any]) -> Settings:
    least = {"agents": 2, "topics": 2, "weeks": 1, "seeds": 1, "capacity": 1}
    for name, number in least.items():
        if options[name] < number:
            raise CommandError(f"--{name} is {number} or more.")
    for name in _NUMBERS:
        if options[name] < 0:
            raise CommandError(f"--{name} is not negative.")
    if options["contrast"] < 1 or not 0 < options["utilisation"] < 1.5:
        raise CommandError("--contrast is 1 or more, --utilisation between 0 and 1.5.")
    names = ("agents", "topics", "weeks", "seed", "capacity", "working", *_NUMBERS)
    return Settings(**{name: options[name] for name in names})


def _beside(one: Figures, turns: Figures, name: str) -> str:
    """Return a figure, and how far it is from round robin's."""
    figure, usual = getattr(one, name), getattr(turns, name)
    change = f"{figure / usual - 1:+.0%}" if usual and one is not turns else ""
    return f"{figure:8.1f} {change:>5}"


def _told(name: str, recovery: Recovery) -> str:
    first = float(recovery.excess[:5].mean() - 1)
    second = float(recovery.excess[5:10].mean() - 1) if len(recovery.excess) > 5 else first
    return (
        f"After two experts swap skills, {name}: {first:+.0%} in their topics in the first week, "
        f"{second:+.0%} in the second; within 15 %: {in_words(recovery.days)}"
    )


def _assumed(settings: Settings) -> str:
    novice, expert = settings.fails
    return _ASSUMPTIONS.format(
        contrast=settings.contrast,
        expert=expert,
        novice=novice,
        utilisation=settings.utilisation,
        working=_WORKING[settings.working],
        juniors=settings.juniors,
        wrong=settings.wrong,
    )
