"""Parcels followed by a system with a JSON API: a carrier's, or one that knows many carriers."""

from typing import Any

from pydantic import field_validator

from chatbot.systems.asked import is_same_number, number_asked
from chatbot.systems.http import Client
from chatbot.systems.options import Connection, Options, read_options
from chatbot.systems.ports import Tracked, TrackedState
from chatbot.systems.rest.calls import Call
from chatbot.systems.rest.mapping import (
    Unreadable,
    Where,
    Written,
    choice,
    named_items,
    text,
    web_address,
)


class _ParcelFields(Options):
    number: Where
    state: Where
    event: Where | None = None
    place: Where | None = None
    at: Where | None = None
    expected_on: Where | None = None
    delivered_on: Where | None = None
    url: Where | None = None


class _TrackingOptions(Connection, Written):
    follow: Call
    parcel: _ParcelFields
    states: dict[str, TrackedState]
    other_state: TrackedState | None = None

    @field_validator("follow")
    @classmethod
    def _follows_a_number(cls, value: Call) -> Call:
        return value.check(frozenset({"number", "language"}))

    @field_validator("states")
    @classmethod
    def _in_lower_case(cls, value: dict[str, TrackedState]) -> dict[str, TrackedState]:
        return {name.strip().lower(): state for name, state in value.items()}


class RestTracking:
    """Follows parcels."""

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_TrackingOptions, options, "RestTracking")
        self._client = Client(self._options)

    def follow(self, number: str, language: str) -> Tracked | None:
        """Return what is known of the parcel, if it is known. Raises SystemFailure."""
        asked = number_asked(number)
        if not asked:
            return None
        options, at = self._options, self._options.parcel
        answer = options.follow.send(
            self._client.exchange(), {"number": asked, "language": language}
        )
        try:
            for parcel in named_items(answer.data, options.follow.at, at.number) if answer else []:
                if is_same_number(text(parcel, at.number), asked):
                    return Tracked(
                        state=choice(parcel, at.state, options.states, options.other_state),
                        event=text(parcel, at.event),
                        place=text(parcel, at.place),
                        at=options.moment(parcel, at.at),
                        expected_on=options.day(parcel, at.expected_on),
                        delivered_on=options.day(parcel, at.delivered_on),
                        url=web_address(text(parcel, at.url)),
                    )
            return None
        except Unreadable:
            pass
        raise self._client.failure("malformed", retry=False)
