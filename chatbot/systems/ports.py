"""The ports to a company's own systems, and the values that cross them.

Each port is small, so that a system implements those that it has. `settings.SYSTEMS` says which
implementation stands behind which; `chatbot.systems.connected` makes them.

What a port is asked about persons it answers to whoever calls: that the one who asks may know is
checked by `chatbot.actions.access`, the only caller of `Orders` and `Returns`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


class SystemFailure(Exception):
    """A system did not answer, or not as it should; nothing is known of what was asked.

    `system` names it for logs and agents; `kind` is what happened, in one word: unauthorised,
    rate_limited, unavailable, timeout, malformed, refused. `retry` says whether trying later may
    help. Never holds what was asked or answered: that may be personal.
    """

    def __init__(self, system: str, kind: str, *, retry: bool) -> None:
        super().__init__(f"{system}: {kind}")
        self.system, self.kind, self.retry = system, kind, retry


# --- Orders and shipments -----------------------------------------------------------------------
class OrderState(StrEnum):
    """How far an order is."""

    RECEIVED = "received"
    PACKING = "packing"
    SENT = "sent"
    READY = "ready"  # to be picked up
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order. `id` names it in its system."""

    id: str
    number: str  # of the article, the SKU
    name: str
    quantity: int
    is_returnable: bool = True


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel. `url` is where its carrier shows it; empty fields are not known."""

    carrier: str
    number: str
    url: str = ""
    expected_on: date | None = None
    delivered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as its customer may see it."""

    number: str
    email: str
    placed_on: date
    state: OrderState
    lines: tuple[Line, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    expected_on: date | None = None
    delivered_on: date | None = None
    name: str = ""  # of the customer
    language: str = ""
    country: str = ""  # ISO 3166-1 alpha-2


class Orders(Protocol):
    """Orders by their number, and those of an email address."""

    def find(self, number: str) -> Order | None:
        """Return the order with `number`, as customers write it; None if there is none.

        Raises SystemFailure.
        """
        ...

    def of(self, email: str) -> list[Order]:
        """Return the orders of `email` (in any case), newest first, at most 20.

        Raises SystemFailure.
        """
        ...


class TrackedState(StrEnum):
    """Where a parcel is."""

    ANNOUNCED = "announced"  # the carrier does not have it yet
    UNDER_WAY = "under_way"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY = "ready"  # at the pick-up point
    DELIVERED = "delivered"
    RETURNED = "returned"
    FAILED = "failed"  # an attempt failed, or it is held


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a carrier says of a parcel, in its own last words (`event`)."""

    state: TrackedState
    event: str = ""
    place: str = ""
    at: datetime | None = None
    expected_on: date | None = None
    delivered_on: date | None = None
    url: str = ""


class Tracking(Protocol):
    """Follows the parcels of one carrier."""

    def follow(self, number: str, language: str) -> Tracked | None:
        """Return what is known of the parcel; None if the carrier does not know it.

        Raises SystemFailure.
        """
        ...


# --- Accounts -----------------------------------------------------------------------------------
class Accounts(Protocol):
    """Customers' accounts."""

    def send_reset(self, email: str, language: str) -> None:
        """Send a single-use link to set a new password, if `email` has an account.

        Says nothing about whether it has, in words or in time. Called in the background.
        Raises SystemFailure, too where `email` has no account; one of kind "refused" may be
        raised for an account alone, and is not told to whoever asked.
        """
        ...


# --- Stock --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Variant:
    """A thing that can be bought. `available` is None where the system only says yes or no."""

    number: str  # the SKU
    name: str  # of the variant alone, "Moss, 130 x 180 cm"; empty where there is but one
    in_stock: bool
    available: int | None = None
    back_on: date | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product with its variants, in the language that was asked for where there is one."""

    number: str
    name: str
    variants: tuple[Variant, ...]
    url: str = ""


class Stock(Protocol):
    """What is in stock."""

    def search(self, words: str, language: str) -> list[Product]:
        """Return the products that `words` may mean: a name with typos, or a number; at most 20.

        Candidates, in no order that matters: the caller weighs how near they are.
        Raises SystemFailure.
        """
        ...


@runtime_checkable
class NamesProducts(Protocol):
    """A stock that has all its products' names at hand."""

    def names(self) -> frozenset[str]:
        """Return the words of which products' names consist, in all languages, normalised."""
        ...


# --- Returns ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ReturnLabel:
    """A return under way: its own number, the parcel's, and the label.

    `pdf` is empty where the system sends the label itself or only has `url`.
    """

    number: str
    carrier: str
    tracking: str
    pdf: bytes = b""
    url: str = ""


class Returns(Protocol):
    """Returns that customers announce."""

    def create(self, order: Order, lines: tuple[Line, ...], *, key: str) -> ReturnLabel:
        """Announce the return of `lines` of `order`; the same `key` gives the same return again.

        Raises SystemFailure.
        """
        ...


# --- Tickets ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Ticket:
    """A case to be opened. `facts` are what was collected, by name, in the order to be read."""

    kind: str  # complaint, technical
    subject: str
    text: str
    facts: tuple[tuple[str, str], ...]
    email: str
    language: str
    conversation: int


class Tickets(Protocol):
    """Cases that people work on."""

    def open(self, ticket: Ticket, *, key: str) -> str:
        """Open a case and return its number; the same `key` gives the same case again.

        Raises SystemFailure.
        """
        ...


# --- Text messages ------------------------------------------------------------------------------
class Texts(Protocol):
    """Sends text messages (SMS)."""

    def send(self, number: str, text: str, *, key: str) -> None:
        """Send `text` to `number` (E.164), once for one `key`. Raises SystemFailure."""
        ...
