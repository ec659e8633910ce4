"""The last questions that somebody tried, in their session, to see what an edit has changed."""

import hashlib
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from chatbot.insights import words

_KEY = "insights_tries"
_MOST, _MOST_RESULTS = 12, 5

Try = dict[str, Any]  # question, language, channel, key, results: the session keeps JSON


class Tries:
    """The tries of one session, the newest first."""

    def __init__(self, session: SessionBase) -> None:
        self._session = session

    def begin(self, question: str, *, language: str, channel: int | None) -> str:
        """Put a question first, with what was found for it before; return its key."""
        described = f"{question.casefold()}\0{language}\0{channel}"
        key = hashlib.sha256(described.encode()).hexdigest()[:12]
        known = self.get(key) or {"results": []}
        one = {**known, "key": key, "question": question, "language": language, "channel": channel}
        others = [other for other in self._all() if other["key"] != key]
        self._session[_KEY] = [one, *others][:_MOST]
        return key

    def get(self, key: str) -> Try | None:
        """Return the try of this key."""
        return next((one for one in self._all() if one["key"] == key), None)

    def note(self, one: Try, result: dict[str, Any]) -> dict[str, Any] | None:
        """Keep a result if it differs from the last; return the one before that, if there is."""
        results = one["results"]
        if not results or _told(results[-1]) != _told(result):
            results.append({**result, "at": timezone.localtime().strftime("%H:%M")})
            del results[:-_MOST_RESULTS]
            self._session.modified = True
        return results[-2] if len(results) > 1 else None

    def others(self, shown: Try | None) -> list[Try]:
        """Return all tries with their results in words, the one that is shown included."""
        return [
            {
                **one,
                "is_shown": one is shown,
                "results": [
                    {**result, "word": words.outcome(result["outcome"])}
                    for result in one["results"]
                ],
            }
            for one in self._all()
            if one["results"]
        ]

    def forget(self) -> None:
        """Forget them all."""
        self._session.pop(_KEY, None)

    def _all(self) -> list[Try]:
        found: list[Try] = self._session.get(_KEY, [])
        return found


def _told(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name != "at"}
