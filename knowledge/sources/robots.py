"""What sites ask of crawlers in robots.txt (RFC 9309)."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

PRODUCT = "Svar"  # the token that a site names to address this crawler
_KEPT_SECONDS = 3_600.0  # RFC 9309, 2.4: at most a day
_SIZE = 512 * 1024  # RFC 9309, 2.5: at least 500 KiB are read


@dataclass(frozen=True, slots=True)
class _Rules:
    rules: Protego
    read_at: float


class Robots:
    """The rules of the sites of a crawl, each read once an hour. Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules: dict[str, _Rules] = {}
        self._clock = clock
        self._lock = threading.Lock()

    def allows(self, origin: str, url: str, load: Callable[[], bytes]) -> bool:
        """Return whether `url` of the site `origin` (`https://host:port`) may be fetched.

        `load` gives the site's robots.txt, empty if there is none; what it raises is passed on.
        """
        with self._lock:
            known = self._rules.get(origin)
        if known is None or self._clock() - known.read_at > _KEPT_SECONDS:
            text = load()[:_SIZE].decode("utf-8", "replace").lstrip("\ufeff")
            known = _Rules(Protego.parse(text), self._clock())
            with self._lock:
                self._rules[origin] = known
        return known.rules.can_fetch(url, PRODUCT)

    def delay(self, origin: str) -> float:
        """Return the seconds that the site asks for between two requests; 0 if it says nothing.

        Known once a page of the site was asked for.
        """
        with self._lock:
            known = self._rules.get(origin)
        return float((known and known.rules.crawl_delay(PRODUCT)) or 0.0)
