"""What an adapter is: it parses and it sends, and it says whether an error is worth a retry.

Inbound: `accept` verifies a request and takes it apart into events, which are recorded before it
is answered; afterwards, on another thread, `parse` reads each event into what the core knows.
Outbound: `send`. No thinking. README.md beside this file says how a channel is added.

An adapter is made anew for each use and keeps nothing. What it can do besides sending it says by
the protocols it has: `AcceptsHooks`, `Listens`, `Fetches`, `Describes`, `ShowsTyping`,
`PostsNotices`, `Connects`; and for admins by `TellsWhere`, `NamesAccount`, `HasLinks`, `HasPages`.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

from django.forms import Form
from django.urls import URLPattern

from chatbot.conversations.models import Channel
from chatbot.envelope import Capabilities, Event, Inbound, OutboundMessage, Sent


class SendError(Exception):
    """Something could not be sent, fetched or connected.

    `permanent` says that trying again will not help; `retry_after` (seconds) is how long the
    service asked to be left alone. `detail` is shown to agents and admins: no secrets, no text
    of messages.
    """

    def __init__(self, detail: str, *, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.permanent = permanent
        self.retry_after = retry_after


class RefusedHook(Exception):
    """A request that is not from whom it should be (401, 403), or is none of theirs (400)."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class HookRequest:
    """An HTTP request to a channel's address. Names of `headers` are in lower case."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """What came of a verified request: events to record, and the answer to it."""

    events: Sequence[Event] = ()
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Connection:
    """What a service said of itself: who we are there, in words for an admin.

    `account` is how it names us (bot, workspace, mailbox) and is kept in `Channel.account`.
    `config` and `secrets` are kept too, where connecting has made or changed any.
    """

    account: str
    text: str
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict)


class ChannelAdapter(Protocol):
    """One kind of channel: `settings.CHANNEL_ADAPTERS` names the class by its kind.

    `form` has the fields of `Channel.config`; those named in `secret_fields` are kept encrypted,
    in `Channel.secrets`, and never shown again. `form` may have besides:

    `shown_if`: by the name of a field, when it is shown: an expression over the form's other
    fields as the admin's theme takes it, `"way == 'socket'"`. Fields that are hidden are posted
    all the same, so they are not required: `clean` asks for them. The theme has one table for all
    kinds: no other kind may have a field of that name.

    `shown_once`: lines that are shown when the form was saved, and not again; `clean` sets them,
    as for a secret that it has made.
    """

    label: ClassVar[Any]  # translated
    about: ClassVar[Any]  # translated: a sentence to choose the kind by
    capabilities: ClassVar[Capabilities]
    form: ClassVar[type[Form]]
    secret_fields: ClassVar[tuple[str, ...]]

    def __init__(self, channel: Channel) -> None:
        """Never raises: half-filled settings show when they are used."""
        ...

    def send(self, message: OutboundMessage) -> Sent:
        """Send one part of a message, already fitted to `capabilities`.

        `message.key` is the same for every attempt: where the service takes a key against
        doubles, this is it. Citations are the adapter's to show. A file's `read` is called on
        this thread. It ends within 90 s, after which another worker may try. Raises SendError;
        any other error counts as worth a retry.
        """
        ...


@runtime_checkable
class Parses(Protocol):
    """What customers write arrives as events, by a hook or a listener."""

    def parse(self, event: Event) -> Sequence[Inbound]:
        """Return what an event says; nothing for what does not concern us.

        No network and no writes. An exception means that the event cannot be read: it is kept
        whole and a person is told.
        """
        ...


@runtime_checkable
class AcceptsHooks(Parses, Protocol):
    """The service calls `/hooks/<kind>/<key>`."""

    def accept(self, request: HookRequest) -> Accepted:
        """Verify a request. Raises RefusedHook. Quick: it runs on the event loop."""
        ...


@runtime_checkable
class Listens(Parses, Protocol):
    """Asks the service by itself, or holds a connection to it."""

    @property
    def is_listening(self) -> bool:
        """Whether this channel is set up for that."""
        ...

    def listen(self, record: Callable[[Sequence[Event]], None], stopping: threading.Event) -> None:
        """Record events as they come, until `stopping` is set; it looks at least every second.

        What `record` has returned from is committed and may be confirmed to the service. Raises
        SendError; whatever it raises, it is called again after a pause.
        """
        ...


@runtime_checkable
class Fetches(Protocol):
    """Files come as references."""

    def fetch(self, reference: str) -> bytes:
        """Return the content of an `InboundFile.reference`. Raises SendError."""
        ...


@runtime_checkable
class Describes(Protocol):
    """Messages come without the names of those who sent them."""

    def describe(self, sender_id: str) -> tuple[str, str]:
        """Return a sender's name and email address, either may be empty. Raises SendError."""
        ...


@runtime_checkable
class PostsNotices(Protocol):
    """Agents may be told of handoffs there, where `config["notice_channel"]` says."""

    def post_notice(
        self, channel: str, text: str, url: str, button_text: str, key: str = ""
    ) -> Sent:
        """Post a line with a link. Raises SendError."""
        ...


@runtime_checkable
class ShowsTyping(Protocol):
    """Customers can see that an answer is being written."""

    def show_typing(self, recipient_id: str, thread: str) -> None:
        """Say so once. Raises SendError, which nobody minds."""
        ...


@runtime_checkable
class Connects(Protocol):
    """There is something to test, and perhaps to set up at the service."""

    def connect(self, hook_url: str) -> Connection:
        """Look whether the service takes our secrets, and have it call `hook_url`.

        Raises SendError with what an admin should do about it.
        """
        ...


@runtime_checkable
class TellsWhere(Protocol):
    """What its form asks for is found somewhere: that is said above the fields."""

    where_from: ClassVar[Any]  # translated


@runtime_checkable
class NamesAccount(Protocol):
    """What an admin enters is how the service names us: no need to connect for it."""

    account_field: ClassVar[str]  # of `form`, no secret: kept in `Channel.account` too


@runtime_checkable
class HasLinks(Protocol):
    """There is more to do than the form has."""

    def links(self) -> Sequence[tuple[str, Any]]:
        """Return addresses and what they are called, translated; the channel is a saved one."""
        ...


@runtime_checkable
class HasPages(Protocol):
    """It has pages of its own, for admins or for the service's way back."""

    @staticmethod
    def pages() -> Sequence[URLPattern]:
        """Return them, below `/channels/<kind>/`. Each looks itself who may see it."""
        ...
