"""What admins have decided about routing, read again at most every two seconds."""

import time
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from chatbot.conversations.models import Conversation, Priority
from chatbot.routing.models import RoutingRule, RoutingSettings, Skill, StrategyWeights
from chatbot.routing.policy import ROUTINE, STRATEGIES, Room, Strategy

_SECONDS = 2.0
_URGENCY = (Priority.NORMAL, Priority.HIGH, Priority.URGENT)
_WEIGHTS = (
    "language",
    "speed",
    "soonest",
    "quality",
    "rating",
    "declared",
    "room",
    "balance",
    "exploration",
    "continuity",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A routing rule as plain values."""

    strategy: str
    topics: frozenset[str]
    channels: frozenset[int]
    from_priority: str
    for_vips: bool
    from_complexity: float | None

    def fits(self, conversation: Conversation) -> bool:
        """Return whether all that it asks for is so."""
        return (
            (not self.topics or conversation.topic in self.topics)
            and (not self.channels or conversation.channel_id in self.channels)
            and (not self.from_priority or at_least(conversation.priority, self.from_priority))
            and (not self.for_vips or conversation.contact.is_vip)
            and (self.from_complexity is None or conversation.complexity >= self.from_complexity)
        )


@dataclass(frozen=True, slots=True)
class SkillNeed:
    """By which conversations a skill is needed, as plain values."""

    slug: str
    weight: int
    patience_minutes: int | None
    topics: frozenset[str]
    channels: frozenset[int]
    languages: frozenset[str]
    from_priority: str
    for_vips: bool


@dataclass(frozen=True, slots=True)
class Options:
    """Settings, rules, strategies and skills together."""

    settings: RoutingSettings
    rules: tuple[Rule, ...]
    strategies: dict[str, Strategy]
    skills: tuple[SkillNeed, ...]

    def strategy_for(self, conversation: Conversation) -> Strategy:
        """Return the strategy of the first rule that fits; else routine."""
        named = (rule.strategy for rule in self.rules if rule.fits(conversation))
        return self.strategies[next(named, ROUTINE.name)]


def at_least(priority: str, least: str) -> bool:
    """Return whether a priority is as urgent as another."""
    order = [one.value for one in _URGENCY]
    return order.index(priority) >= order.index(least)


_cached: tuple[float, Options] | None = None
_changes = 0


def current() -> Options:
    """Return what holds now."""
    global _cached
    now, changes, known = time.monotonic(), _changes, _cached
    if known is not None and now - known[0] <= _SECONDS:
        return known[1]
    found = _read()
    if changes == _changes:  # else it may have been read before the change was committed
        _cached = (now, found)
    return found


def _read() -> Options:
    settings = RoutingSettings.objects.first() or RoutingSettings(pk=1)
    rules = RoutingRule.objects.filter(is_active=True).prefetch_related("topics", "channels")
    skills = Skill.objects.prefetch_related("topics", "channels")
    return Options(
        settings, tuple(map(_rule, rules)), _strategies(settings), tuple(map(_skill, skills))
    )


def _skill(row: Skill) -> SkillNeed:
    return SkillNeed(
        slug=row.slug,
        weight=row.weight,
        patience_minutes=row.patience_minutes,
        topics=frozenset(topic.slug for topic in row.topics.all()),
        channels=frozenset(channel.pk for channel in row.channels.all()),
        languages=frozenset(row.languages),
        from_priority=row.from_priority,
        for_vips=row.for_vips,
    )


def _rule(row: RoutingRule) -> Rule:
    return Rule(
        strategy=row.strategy,
        topics=frozenset(topic.slug for topic in row.topics.all()),
        channels=frozenset(channel.pk for channel in row.channels.all()),
        from_priority=row.from_priority,
        for_vips=row.for_vips,
        from_complexity=row.from_complexity,
    )


def _strategies(settings: RoutingSettings) -> dict[str, Strategy]:
    shares = Room(
        settings.open_share,
        settings.complexity_share,
        settings.availability_share,
        settings.preference_share,
    )
    changed = StrategyWeights.objects.all()
    own = {row.strategy: {name: getattr(row, name) for name in _WEIGHTS} for row in changed}
    return {
        name: replace(strategy, shares=shares, **own.get(name, {}))
        for name, strategy in STRATEGIES.items()
    }


def _forget(**_: Any) -> None:
    _clear()
    # And again once others can see it: who reads meanwhile reads what was.
    transaction.on_commit(_clear)


def _clear() -> None:
    global _cached, _changes
    _cached, _changes = None, _changes + 1


for _model in (RoutingSettings, RoutingRule, StrategyWeights, Skill):
    post_save.connect(_forget, sender=_model, dispatch_uid=f"routing-saved-{_model.__name__}")
    post_delete.connect(_forget, sender=_model, dispatch_uid=f"routing-gone-{_model.__name__}")
for _through in (
    RoutingRule.topics.through,
    RoutingRule.channels.through,
    Skill.topics.through,
    Skill.channels.through,
):
    m2m_changed.connect(_forget, sender=_through, dispatch_uid=f"routing-{_through.__name__}")
