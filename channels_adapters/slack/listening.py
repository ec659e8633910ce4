"""Socket Mode: Slack's events over a connection that we open.

Source: docs.slack.dev/apis/events-api/using-socket-mode. The SDK's own client (3.47) is not used:
it noticed a cut connection after 29 seconds, with a core at work all the while, failed on messages
of 2 MB, and hands events to ten threads at once, which loses their order.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from pydantic import ValidationError

from channels_adapters.base import SendError
from channels_adapters.slack import hooks
from channels_adapters.slack.client import quiet, refusals, web_client
from channels_adapters.slack.options import Options
from channels_adapters.slack.payloads import Envelope
from chatbot.envelope import Event

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

logger = logging.getLogger(__name__)

Record = Callable[[Sequence[Event]], None]

LOOK_SECONDS = 0.25  # between looks at whether to stop
_SIZE = 16 * 1024 * 1024
_KINDS = frozenset({"events_api", "interactive"})


def listen(options: Options, record: Record, stopping: threading.Event) -> None:
    """Record what comes, until `stopping`. Raises SendError when the connection is lost.

    An envelope is acknowledged after `record` has returned: Slack sends it again otherwise.
    """
    with ExitStack() as held:
        connection = _connect(options, held)
        while not stopping.is_set():
            envelope = _receive(connection, LOOK_SECONDS)
            if envelope is None:
                continue
            if envelope.type != "disconnect":
                _take(connection, envelope, record)
                continue
            if envelope.reason == "link_disabled":
                raise SendError(
                    _("Socket Mode is turned off. Turn it on in the settings of your Slack app."),
                    permanent=True,
                )
            # warning, refresh_requested: this one ends soon, and events go on meanwhile.
            with held.pop_all():
                fresh = _connect(options, held)
                _empty(connection, record)
            connection = fresh


def open_url(options: Options) -> str:
    """Return an address to connect to, which is good once. Raises SendError."""
    with refusals():
        answer = web_client(options, "").apps_connections_open(app_token=options.app_token)
        return str(answer.get("url", ""))


def _connect(options: Options, held: ExitStack) -> "ClientConnection":
    """Return a connection that `held` closes."""
    from websockets.exceptions import WebSocketException
    from websockets.sync.client import connect

    url = open_url(options)
    try:
        return held.enter_context(
            connect(
                url,
                open_timeout=10,
                close_timeout=LOOK_SECONDS,
                ping_interval=10,
                ping_timeout=10,
                max_size=_SIZE,
                logger=quiet,
            )
        )
    except (OSError, WebSocketException):
        failed = _lost()
    # Outside of the except: the address proves who we are, and must not be in the causes.
    raise failed


def _receive(connection: "ClientConnection", seconds: float) -> Envelope | None:
    from websockets.exceptions import ConnectionClosed

    try:
        return Envelope.model_validate_json(connection.recv(timeout=seconds))
    except TimeoutError:
        return None
    except ValidationError:
        logger.warning("Slack sent a frame that is no envelope.")
        return None
    except ConnectionClosed:
        failed = _lost()
    raise failed


def _take(connection: "ClientConnection", envelope: Envelope, record: Record) -> None:
    from websockets.exceptions import ConnectionClosed

    if not envelope.envelope_id:  # hello
        return
    events: Sequence[Event] = ()
    if envelope.type in _KINDS:
        try:
            events = hooks.events_of(envelope.payload)
        except ValueError:
            logger.warning("Slack sent an event that cannot be read.")
    if events:
        record(events)
    try:
        connection.send(json.dumps({"envelope_id": envelope.envelope_id}))
    except ConnectionClosed:  # it comes again, and changes nothing then
        failed = _lost()
    else:
        return
    raise failed


def _empty(connection: "ClientConnection", record: Record) -> None:
    """Take what a connection still holds, or had before it ended."""
    with suppress(SendError):
        while (envelope := _receive(connection, 0)) is not None:
            _take(connection, envelope, record)


def _lost() -> SendError:
    return SendError(_("The connection to Slack was lost."), permanent=False)
