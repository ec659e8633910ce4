"""Carriers' tracking APIs."""

import base64
import threading
import time
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from chatbot.systems.asked import is_same_number, number_asked
from chatbot.systems.http import Answer, Client, Exchange
from chatbot.systems.options import Connection, read_options
from chatbot.systems.ports import SystemFailure, Tracked, TrackedState
from chatbot.systems.tracking_pages import tracking_url

_LANGUAGES = {"postnord": frozenset({"en", "sv", "no", "da", "fi"})}
_NORDIC = ZoneInfo("Europe/Copenhagen")  # and Stockholm's and Oslo's


class _Read(BaseModel):
    """A part of an answer; what we do not need is passed over."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", hide_input_in_errors=True)


# --- PostNord -----------------------------------------------------------------------------------
class _PostNordText(_Read):
    header: str | None = None


class _PostNordPlace(_Read):
    display_name: str | None = None
    city: str | None = None


class _PostNordEvent(_Read):
    event_time: datetime
    event_description: str | None = None
    status: str | None = None
    location: _PostNordPlace | None = None


class _PostNordItem(_Read):
    item_id: str | None = None
    status: str | None = None
    status_text: _PostNordText | None = None
    delivery_date: datetime | None = None
    estimated_time_of_arrival: datetime | None = None
    events: list[_PostNordEvent] = []


class _PostNordShipment(_PostNordItem):
    shipment_id: str | None = None
    items: list[_PostNordItem] = []


class _PostNordResponse(_Read):
    shipments: list[_PostNordShipment] = []


class _PostNordAnswer(_Read):
    response: _PostNordResponse = Field(alias="TrackingInformationResponse")


_POSTNORD_STATES = {
    "CREATED": TrackedState.ANNOUNCED,
    "INFORMED": TrackedState.ANNOUNCED,
    "TRANSPORT_TO_RECIPIENT": TrackedState.OUT_FOR_DELIVERY,
    "OUT_FOR_DELIVERY": TrackedState.OUT_FOR_DELIVERY,
    "AVAILABLE_FOR_DELIVERY": TrackedState.READY,
    "AVAILABLE_FOR_DELIVERY_PAR_LOC": TrackedState.READY,
    "DELIVERED": TrackedState.DELIVERED,
    "RETURNED": TrackedState.RETURNED,
    "DELIVERY_IMPOSSIBLE": TrackedState.FAILED,
    "DELIVERY_REFUSED": TrackedState.FAILED,
    "STOPPED": TrackedState.FAILED,
}


class _PostNordOptions(Connection):
    base_url: str = "https://api2.postnord.com"
    name: str = "PostNord"
    key: str


class PostNordTracking:
    """PostNord's Track & Trace API, version 5.

    https://developer.postnord.com/apis/details?systemName=shipment-v5-trackandtrace-shipmentinformation
    An unknown number is answered with no shipments and a compositeFault, or with 400 or 404. A
    status that is not listed is one on the way: EN_ROUTE, DELAYED, EXPECTED_DELIVERY, OTHER.
    """

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_PostNordOptions, options, "PostNordTracking")
        self._client = Client(self._options)

    def follow(self, number: str, language: str) -> Tracked | None:
        """Return what PostNord knows of the parcel. Raises SystemFailure."""
        asked = _parcel(number)
        if not asked:
            return None
        query = urlencode(
            {
                "id": asked,
                "locale": language if language in _LANGUAGES["postnord"] else "en",
                "apikey": self._options.key,
            }
        )
        answer = self._client.exchange().ask(
            "GET",
            f"/rest/shipment/v5/trackandtrace/findByIdentifier.json?{query}",
            missing=frozenset({400, 404}),
        )
        if answer is None:
            return None
        shipments = self._client.parse(_PostNordAnswer, answer.data).response.shipments
        if not shipments:
            return None
        shipment = shipments[0]
        parcels = [each for each in shipment.items if is_same_number(each.item_id or "", asked)]
        return self._tracked(
            (parcels or shipment.items or [shipment])[0], shipment, asked, language
        )

    @staticmethod
    def _tracked(
        parcel: _PostNordItem, shipment: _PostNordShipment, asked: str, language: str
    ) -> Tracked:
        status = parcel.status or shipment.status or ""
        state = _POSTNORD_STATES.get(status, TrackedState.UNDER_WAY)
        last = max(parcel.events, key=lambda event: _aware(event.event_time), default=None)
        words = parcel.status_text or shipment.status_text
        place = last.location if last else None
        delivered = parcel.delivery_date or shipment.delivery_date
        if delivered is None and last is not None:
            delivered = last.event_time
        expected = parcel.estimated_time_of_arrival or shipment.estimated_time_of_arrival
        is_delivered = state == TrackedState.DELIVERED
        return Tracked(
            state=state,
            event=(last and last.event_description) or (words and words.header) or "",
            place=(place and (place.display_name or place.city)) or "",
            at=_aware(last.event_time) if last else None,
            expected_on=_day(expected) if not is_delivered else None,
            delivered_on=_day(delivered) if is_delivered else None,
            url=tracking_url("postnord", asked, language),
        )


# --- GLS ----------------------------------------------------------------------------------------
class _GlsEvent(_Read):
    code: str = ""
    description: str | None = None
    city: str | None = None
    country: str | None = None
    event_date_time: datetime | None = None


class _GlsParcel(_Read):
    requested: str = ""
    unitno: str | None = None
    status: str | None = None
    status_date_time: datetime | None = None
    error_code: str | None = None
    events: list[_GlsEvent] = []


class _GlsAnswer(_Read):
    parcels: list[_GlsParcel]


class _GlsToken(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    access_token: str = Field(min_length=1)
    expires_in: int = 300


_GLS_STATES = {
    "PLANNEDPICKUP": TrackedState.ANNOUNCED,
    "INPICKUP": TrackedState.ANNOUNCED,
    "NOTPICKEDUP": TrackedState.ANNOUNCED,
    "PREADVICE": TrackedState.ANNOUNCED,
    "INTRANSIT": TrackedState.UNDER_WAY,
    "INWAREHOUSE": TrackedState.UNDER_WAY,
    "INDELIVERY": TrackedState.OUT_FOR_DELIVERY,
    "DELIVEREDPS": TrackedState.READY,
    "DELIVERED": TrackedState.DELIVERED,
    "FINAL": TrackedState.DELIVERED,
    "NOTDELIVERED": TrackedState.FAILED,
    "CANCELED": TrackedState.FAILED,
}
_GLS_RETURNS = ("RETURN", "RETCUS", "WHOUSE.SPERETURN")  # beginnings of events' codes


class _GlsOptions(Connection):
    base_url: str = "https://api.gls-group.net"
    name: str = "GLS"
    client_id: str
    client_secret: str


class GlsTracking:
    """GLS Group's Track & Trace API, version 1, which wants an app of https://dev-portal.gls-group.net.

    The older open address (…/rest/…/rstt001) is not documented, and leads to the registration of
    an app now. Unknown numbers are answered within the list, with the errorCode E_404_01.
    """

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_GlsOptions, options, "GlsTracking")
        self._client = Client(self._options)
        self._lock = threading.Lock()
        self._token, self._valid_until = "", 0.0

    def follow(self, number: str, language: str) -> Tracked | None:
        """Return what GLS knows of the parcel. Raises SystemFailure."""
        asked = _parcel(number)
        if not asked:
            return None
        answer = self._ask(self._client.exchange(), asked, language)
        if answer is None:
            return None
        for parcel in self._client.parse(_GlsAnswer, answer.data).parcels:
            known = (parcel.requested, parcel.unitno or "")
            if not parcel.error_code and any(is_same_number(each, asked) for each in known):
                return self._tracked(parcel, asked, language)
        return None

    def _ask(self, exchange: Exchange, asked: str, language: str) -> Answer | None:
        target = f"/track-and-trace-v1/tracking/simple/trackids/{quote(asked, safe='')}"
        token = self._token_for(exchange)
        headers = {
            "Accept-Language": language if language.isascii() and language.isalpha() else "en"
        }
        try:
            return exchange.ask(
                "GET", target, headers={**headers, "Authorization": f"Bearer {token}"}
            )
        except SystemFailure as failure:
            if failure.kind != "unauthorised":
                raise
            self._forget(token)  # it was taken back before its time
        token = self._token_for(exchange)
        return exchange.ask("GET", target, headers={**headers, "Authorization": f"Bearer {token}"})

    def _token_for(self, exchange: Exchange) -> str:
        """Return a token (OAuth 2.0, RFC 6749, 4.4), the one at hand while it is valid."""
        with self._lock:
            if self._token and time.monotonic() < self._valid_until:
                return self._token
        basic = f"{self._options.client_id}:{self._options.client_secret}".encode()
        answer = exchange.ask(
            "POST",
            "/oauth2/v2/token",
            form={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {base64.b64encode(basic).decode()}"},
            repeatable=True,
            missing=frozenset(),
        )
        got = self._client.parse(_GlsToken, answer.data if answer else None)
        with self._lock:
            self._token = got.access_token
            self._valid_until = time.monotonic() + max(0, got.expires_in - 60)
        return got.access_token

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token = ""

    @staticmethod
    def _tracked(parcel: _GlsParcel, asked: str, language: str) -> Tracked:
        state = _GLS_STATES.get((parcel.status or "").upper(), TrackedState.UNDER_WAY)
        last = parcel.events[0] if parcel.events else _GlsEvent()  # newest first
        if last.code.upper().startswith(_GLS_RETURNS):
            state = TrackedState.RETURNED
        at = last.event_date_time or parcel.status_date_time
        return Tracked(
            state=state,
            event=last.description or "",
            place=", ".join(filter(None, (last.city, last.country))),
            at=_aware(at) if at else None,
            delivered_on=_day(parcel.status_date_time or at)
            if state == TrackedState.DELIVERED
            else None,
            url=tracking_url("gls", asked, language),
        )


def _parcel(number: str) -> str:
    asked = "".join(number_asked(number).split())
    return asked if asked.isascii() and asked.isalnum() else ""


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=_NORDIC)


def _day(moment: datetime | None) -> date | None:
    return _aware(moment).astimezone(_NORDIC).date() if moment else None
