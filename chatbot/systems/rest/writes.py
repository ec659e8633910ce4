"""Accounts, returns, cases and texts by requests to a system with a JSON API."""

import base64
import binascii
import hashlib
import hmac
import time
import uuid
from typing import Any

from pydantic import field_validator

from chatbot.systems.asked import address_asked, climbs
from chatbot.systems.http import ANSWER_BYTES, LABEL_BYTES, Client
from chatbot.systems.options import Connection, Options, read_options
from chatbot.systems.ports import Line, Order, ReturnLabel, Ticket
from chatbot.systems.rest.calls import Call, check_body, filled
from chatbot.systems.rest.mapping import Fixed, Unreadable, Where, text, web_address

_NO_ACCOUNT = frozenset({404, 410, 422})


# --- Accounts -----------------------------------------------------------------------------------
class _AccountsOptions(Connection):
    reset: Call
    secret: str = ""  # signs the request, if it is set

    @field_validator("reset")
    @classmethod
    def _resets(cls, value: Call) -> Call:
        return value.check(frozenset({"email", "language"}))

    @field_validator("secret")
    @classmethod
    def _is_secret(cls, value: str) -> str:
        if value:
            _secret(value)
        return value


class RestAccounts:
    """Has the company's own server send the link, by a webhook.

    With a `secret` the request is signed as https://www.standardwebhooks.com/ specifies: headers
    webhook-id, webhook-timestamp and webhook-signature, "v1," and the base64 of the HMAC-SHA256
    of "id.timestamp.body". The secret is base64, with or without "whsec_" before it.
    """

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_AccountsOptions, options, "RestAccounts")
        self._client = Client(self._options)

    def send_reset(self, email: str, language: str) -> None:
        """Ask for the link; an answer that there is no account counts as done.

        Raises SystemFailure.
        """
        asked = address_asked(email)
        if not asked:
            return
        call, event = self._options.reset, uuid.uuid4().hex
        if call.body is None:
            call = call.model_copy(update={"body": {"email": "{email}", "language": "{language}"}})
        call = call.model_copy(update={"missing": sorted(_NO_ACCOUNT | set(call.missing))})
        call.send(
            self._client.exchange(),
            {"email": asked, "language": language},
            key=event,
            sign=lambda body: self._signature(event, body),
            is_read=False,
        )

    def _signature(self, event: str, body: bytes) -> dict[str, str]:
        if not self._options.secret:
            return {}
        at = str(int(time.time()))
        signed = hmac.digest(
            _secret(self._options.secret), f"{event}.{at}.".encode() + body, hashlib.sha256
        )
        return {
            "webhook-id": event,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        }


def _secret(value: str) -> bytes:
    try:
        return base64.b64decode(value.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("must be base64") from None


# --- Returns ------------------------------------------------------------------------------------
class _ReturnFields(Options):
    number: Where
    tracking: Where | None = None
    carrier: Where = Fixed(value="")
    url: Where | None = None
    pdf: Where | None = None  # base64


class _ReturnsOptions(Connection):
    create: Call
    line: Any = {"id": "{id}", "number": "{number}", "quantity": "{quantity}"}
    announced: _ReturnFields
    label: Call | None = None  # a further request, whose answer is the PDF

    @field_validator("create")
    @classmethod
    def _creates(cls, value: Call) -> Call:
        return value.check(frozenset({"number", "email", "lines", "key"}))

    @field_validator("line")
    @classmethod
    def _is_line(cls, value: Any) -> Any:
        return check_body(value, frozenset({"id", "number", "name", "quantity"}))

    @field_validator("label")
    @classmethod
    def _labels(cls, value: Call | None) -> Call | None:
        return value.check(frozenset({"number", "tracking"})) if value else None


class RestReturns:
    """Announces returns; the key goes along as Idempotency-Key, which the system must honour."""

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_ReturnsOptions, options, "RestReturns")
        self._client = Client(self._options)

    def create(self, order: Order, lines: tuple[Line, ...], *, key: str) -> ReturnLabel:
        """Announce the return and fetch its label. Raises SystemFailure."""
        options, exchange = self._options, self._client.exchange()
        sent = [
            filled(
                options.line,
                {
                    "id": line.id,
                    "number": line.number,
                    "name": line.name,
                    "quantity": line.quantity,
                },
            )
            for line in lines
        ]
        values = {"number": order.number, "email": order.email, "lines": sent, "key": key}
        size = ANSWER_BYTES + (LABEL_BYTES * 4 // 3 if options.announced.pdf else 0)
        answer = options.create.send(exchange, values, key=key, size=size)
        if answer is None:
            raise self._client.failure("refused", retry=False)
        try:
            at = options.announced
            number, tracking = text(answer.data, at.number), text(answer.data, at.tracking)
            label = ReturnLabel(
                number=number,
                carrier=text(answer.data, at.carrier),
                tracking=tracking,
                pdf=_pdf(base64.b64decode(text(answer.data, at.pdf), validate=True)),
                url=web_address(text(answer.data, at.url)),
            )
            if not number or climbs(number):
                raise Unreadable
            if options.label is None:
                return label
            target = options.label.target({"number": number, "tracking": tracking})
            if not target:
                raise Unreadable
            printed = exchange.ask(
                options.label.method,
                target,
                headers=options.label.headers,
                size=LABEL_BYTES,
                is_json=False,
            )
            if printed is not None:
                return ReturnLabel(
                    number, label.carrier, tracking, _pdf(printed.content), label.url
                )
        except (Unreadable, binascii.Error, ValueError):
            pass
        raise self._client.failure("malformed", retry=False)


def _pdf(content: bytes) -> bytes:
    if content and not (content.startswith(b"%PDF-") and len(content) <= LABEL_BYTES):
        raise Unreadable
    return content


# --- Tickets ------------------------------------------------------------------------------------
class _TicketsOptions(Connection):
    open: Call
    number: Where

    @field_validator("open")
    @classmethod
    def _opens(cls, value: Call) -> Call:
        places = "kind subject text facts facts_text email language conversation key"
        return value.check(frozenset(places.split()))


class RestTickets:
    """Opens cases; the key goes along as Idempotency-Key, which the system must honour."""

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_TicketsOptions, options, "RestTickets")
        self._client = Client(self._options)

    def open(self, ticket: Ticket, *, key: str) -> str:
        """Open a case and return its number. Raises SystemFailure."""
        values = {
            "kind": ticket.kind,
            "subject": ticket.subject,
            "text": ticket.text,
            "facts": [{"name": name, "value": value} for name, value in ticket.facts],
            "facts_text": "\n".join(f"{name}: {value}" for name, value in ticket.facts),
            "email": ticket.email,
            "language": ticket.language,
            "conversation": ticket.conversation,
            "key": key,
        }
        answer = self._options.open.send(self._client.exchange(), values, key=key)
        if answer is None:
            raise self._client.failure("refused", retry=False)
        try:
            if number := text(answer.data, self._options.number):
                return number
        except Unreadable:
            pass
        raise self._client.failure("malformed", retry=False)


# --- Text messages ------------------------------------------------------------------------------
class _TextsOptions(Connection):
    send: Call

    @field_validator("send")
    @classmethod
    def _sends(cls, value: Call) -> Call:
        return value.check(frozenset({"number", "text", "key"}))


class RestTexts:
    """Sends texts; the key goes along as Idempotency-Key, which the gateway must honour."""

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_TextsOptions, options, "RestTexts")
        self._client = Client(self._options)

    def send(self, number: str, text: str, *, key: str) -> None:
        """Send `text` to `number`. Raises SystemFailure."""
        values = {"number": number, "text": text, "key": key}
        exchange = self._client.exchange()
        if self._options.send.send(exchange, values, key=key, is_read=False) is None:
            raise self._client.failure("refused", retry=False)
