"""Requests as templates: what is filled in cannot change where a request goes or what it is."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field, field_validator

from chatbot.systems.asked import climbs
from chatbot.systems.http import ANSWER_BYTES, NOT_FOUND, Answer, Exchange
from chatbot.systems.options import Headers, Options

_PLACE = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"/[!-~]*")


class Call(Options):
    """A request. `path` and the strings of `body` may hold places such as {number}.

    In a path a value is percent-encoded; in a body, a string that is a place alone becomes the
    value as it is, a list too. `at` is where in the answer the list, or the one, is found.
    """

    method: Literal["GET", "POST", "PUT"] = "GET"
    path: str
    body: Any = None
    encoding: Literal["json", "form"] = "json"
    headers: Headers = {}
    at: str = ""
    missing: list[int] = Field(default_factory=lambda: sorted(NOT_FOUND))

    @field_validator("path")
    @classmethod
    def _is_path(cls, value: str) -> str:
        if not _PATH.fullmatch(value) or "#" in value:
            raise ValueError("must begin with / and be printable ASCII, percent-encoded")
        return value

    def check(self, places: frozenset[str]) -> "Call":
        """Return this call. Raises ValueError if it has places that are not among `places`."""
        if unknown := (set(_PLACE.findall(self.path)) | set(_places_in(self.body))) - places:
            known = ", ".join(sorted(places))
            raise ValueError(f"unknown {', '.join(sorted(unknown))}; known: {known}")
        if self.encoding == "form" and not isinstance(self.body, dict):
            raise ValueError("a form's body must be an object")
        return self

    def target(self, values: Mapping[str, Any]) -> str:
        """Return the path with `values` filled in; empty if one of them would climb out of it."""
        path, sign, query = self.path.partition("?")
        if any(climbs(str(values[place])) for place in _PLACE.findall(path)):
            return ""

        def encoded(place: re.Match[str]) -> str:
            return quote(str(values[place[1]]), safe="", errors="replace")

        return _PLACE.sub(encoded, path) + sign + _PLACE.sub(encoded, query)

    def send(
        self,
        exchange: Exchange,
        values: Mapping[str, Any],
        *,
        key: str = "",
        sign: Callable[[bytes], Mapping[str, str]] | None = None,
        size: int = ANSWER_BYTES,
        is_read: bool = True,
    ) -> Answer | None:
        """Send this call with `values`; `key` goes along as Idempotency-Key.

        Returns None where the system does not have what was asked for. An answer that is not
        read may be anything. Raises SystemFailure.
        """
        target = self.target(values)
        if not target:
            return None
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        body = filled(self.body, values)
        form = content = None
        if self.encoding == "form":
            form = {name: str(value) for name, value in body.items()}
        elif body is not None:
            content = json.dumps(body).encode("ascii")
            headers |= sign(content) if sign else {}
        return exchange.ask(
            self.method,
            target,
            form=form,
            body=content,
            headers=headers,
            missing=frozenset(self.missing),
            size=size,
            is_json=is_read,
        )


def filled(body: Any, values: Mapping[str, Any]) -> Any:
    """Return `body` with `values` in its places."""
    if isinstance(body, dict):
        return {name: filled(each, values) for name, each in body.items()}
    if isinstance(body, list):
        return [filled(each, values) for each in body]
    if not isinstance(body, str):
        return body
    if alone := _PLACE.fullmatch(body):
        return values[alone[1]]
    return _PLACE.sub(lambda place: str(values[place[1]]), body)


def check_body(body: Any, places: frozenset[str]) -> Any:
    """Return `body`. Raises ValueError if it has places that are not among `places`."""
    if unknown := set(_places_in(body)) - places:
        raise ValueError(f"unknown {', '.join(sorted(unknown))}")
    return body


def _places_in(body: Any) -> list[str]:
    if isinstance(body, dict):
        return [place for each in body.values() for place in _places_in(each)]
    if isinstance(body, list):
        return [place for each in body for place in _places_in(each)]
    return _PLACE.findall(body) if isinstance(body, str) else []
