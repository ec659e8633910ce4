"""Who and what is meant by the names in a file: our agents, our topics."""

from collections import Counter
from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _

from chatbot.conversations.models import Channel
from chatbot.routing.models import AgentProfile
from chatbot.routing.worktime import Clock
from chatbot.text import normalise
from knowledge.models import Category

_LONGEST = 120  # characters of a name that are kept for asking what is meant


class Unknown(Exception):
    """A choice names what there is not; says so in the reader's language."""


class _Names:
    """Names that are looked up, and how often those came that nobody knows."""

    def __init__(self) -> None:
        self.unknown: Counter[str] = Counter()

    def forget_unknown(self) -> None:
        """Count anew: the file is read again."""
        self.unknown.clear()

    def note(self, name: str) -> None:
        """Count a name that nobody knows."""
        self.unknown[name[:_LONGEST]] += 1


class People(_Names):
    """Our agents by address, user name, name, and by what a person chose."""

    def __init__(self, chosen: Mapping[str, str]) -> None:
        """`chosen`: user names, or "" for nobody, by names. Raises Unknown."""
        super().__init__()
        profiles = list(AgentProfile.objects.select_related("user"))
        found: dict[str, set[int]] = {}
        for profile in profiles:
            user = profile.user
            # An address or user name belongs to one; a name may be of several, and then of nobody.
            for name in (user.email, user.get_username(), profile.name, user.get_full_name()):
                if name:
                    found.setdefault(normalise(name), set()).add(profile.pk)
        self._by_name: dict[str, int | None] = {
            name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1
        }
        by_user = {profile.user.get_username(): profile.pk for profile in profiles}
        for name, username in chosen.items():
            if username and username not in by_user:
                told = _("There is no agent with the user name “%(name)s”.")
                raise Unknown(told % {"name": username[:60]})
            self._by_name[normalise(name)] = by_user[username] if username else None
        self._own = {each.pk: Clock(each.hours, each.zone) for each in profiles if each.hours}
        self._by_channel, self._usual = _channel_clocks()

    def find(self, name: str) -> int | None:
        """Return whose name it is; None for nobody's, which is noted unless it was chosen."""
        plain = normalise(name)
        if plain and plain not in self._by_name:
            self.note(name)
        return self._by_name.get(plain)

    def clock(self, agent: int, channel: str) -> Clock:
        """Return when the agent works: their own hours, else the channel's, else any channel's."""
        return self._own.get(agent) or self._by_channel.get(channel) or self._usual


def _channel_clocks() -> tuple[dict[str, Clock], Clock]:
    by_kind: dict[str, Clock] = {}
    for channel in Channel.objects.filter(is_active=True).order_by("pk"):
        if channel.opening_hours:
            clock = Clock(channel.opening_hours, settings.TIME_ZONE)
            by_kind.setdefault(channel.kind, clock)
    usual = next(iter(by_kind.values()), Clock(zone=settings.TIME_ZONE))
    return by_kind, usual


class Topics(_Names):
    """Our topics by slug, by their name in any language, and by what a person chose."""

    def __init__(self, chosen: Mapping[str, str]) -> None:
        """`chosen`: slugs, or "" for none, by words. Raises Unknown."""
        super().__init__()
        self._by_word: dict[str, str] = {}
        slugs = set()
        for category in Category.objects.prefetch_related("translations"):
            slugs.add(category.slug)
            names = (each.name for each in category.translations.all())
            for word in (category.slug, category.name, *names):
                self._by_word.setdefault(normalise(word), category.slug)
        for word, slug in chosen.items():
            if slug and slug not in slugs:
                raise Unknown(_("There is no topic “%(name)s”.") % {"name": slug[:60]})
            self._by_word[normalise(word)] = slug

    def find(self, word: str) -> str:
        """Return the slug of the topic that is meant; "" for none, which is noted."""
        plain = normalise(word)
        if plain and plain not in self._by_word:
            self.note(word)
        return self._by_word.get(plain, "")
