"""The one HTTP client of all systems: time limits, retries, a circuit breaker, and plain failures.

Addresses come from the operator's settings, so private hosts are as good as public ones. What
customers type reaches a request only percent-encoded or as JSON. Redirects are not followed: an
address that redirects is to be corrected, and keys never travel to another host.
"""

import functools
import json as jsons
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpcore2
import httpx2
from pydantic import BaseModel, ValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from chatbot.systems.breaker import Breaker
from chatbot.systems.options import Connection
from chatbot.systems.ports import SystemFailure
from chatbot.systems.wires import Deadline, TimedBackend, ending_by

logger = logging.getLogger(__name__)

ANSWER_BYTES = 2 * 1024 * 1024
LABEL_BYTES = 5 * 1024 * 1024
NOT_FOUND = frozenset({404, 410})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PASSING = frozenset({408, 425, 500, 502, 504})
_backoff = wait_random_exponential(multiplier=0.1, max=2)  # full jitter: 0 to 0.1, 0.2, 0.4 s

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system answered; `data` is its JSON, None where it sent nothing or no JSON was due."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    content: bytes = field(repr=False)
    data: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    missing: frozenset[int]
    size: int
    is_json: bool


class _Failed(SystemFailure):
    """`again`: worth another request; `after`: the seconds that the system asks us to wait."""

    def __init__(
        self,
        system: str,
        kind: str,
        *,
        retry: bool,
        again: bool = False,
        after: float | None = None,
        status: int = 0,
    ) -> None:
        super().__init__(system, kind, retry=retry)
        self.again, self.after, self.status = again, after, status


class Client:
    """Speaks with one system. Safe for threads; its connections are kept."""

    def __init__(self, connection: Connection, headers: Mapping[str, str] | None = None) -> None:
        """`headers` are added to those of the options: keys, mostly."""
        url = httpx2.URL(connection.base_url)
        self.system = connection.system
        self.connection = connection
        self._origin = (url.raw_scheme, url.raw_host, url.port)
        self._prefix = url.raw_path.rstrip(b"/")
        self._headers = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": "Svar/1.0",
            "Accept-Encoding": "identity",
            **connection.headers,
            **(headers or {}),
        }
        self._breaker = Breaker(
            self.system, connection.breaker_failures, connection.breaker_seconds
        )
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_tls(connection.ca_file) if url.scheme == "https" else None,
            network_backend=TimedBackend(),
            max_connections=20,
            keepalive_expiry=15.0,
        )

    def exchange(self) -> "Exchange":
        """Begin a call: all its requests share one deadline."""
        return Exchange(self, Deadline(self.connection.seconds))

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.close()

    def failure(self, kind: str, *, retry: bool) -> SystemFailure:
        """Return a failure of this system, logged."""
        logger.warning("%s: %s in what it answered", self.system, kind)
        return SystemFailure(self.system, kind, retry=retry)

    def parse(self, model: type[Model], data: Any) -> Model:
        """Return `data` as `model`. Raises SystemFailure (malformed)."""
        try:
            return model.model_validate(data)
        except ValidationError:
            pass
        # Outside of the except: what was answered must not be in the chain of causes.
        raise self.failure("malformed", retry=False)


class Exchange:
    """One call to a system: one or more requests that end by one deadline."""

    def __init__(self, client: Client, deadline: Deadline) -> None:
        self._client = client
        self._connection = client.connection
        self.deadline = deadline

    def ask(
        self,
        method: str,
        target: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        missing: frozenset[int] = NOT_FOUND,
        size: int = ANSWER_BYTES,
        is_json: bool = True,
    ) -> Answer | None:
        """Send a request and return its answer; None for a status among `missing`.

        `target` is the path below the base address and the query, percent-encoded; `body` is JSON
        as bytes. It is repeated after passing failures if `repeatable`, by default if the method
        is safe or there is an Idempotency-Key.

        Raises SystemFailure.
        """
        sending = _request(headers or {}, json, form, body, is_json=is_json)
        request = _Request(method, target, *sending, missing, size, is_json)
        if repeatable is None:
            repeatable = method in _SAFE or "Idempotency-Key" in request.headers
        began, sent = time.monotonic(), 0

        def once() -> Answer | None:
            nonlocal sent
            sent += 1
            return self._once(request)

        try:
            return self._client._breaker.run((lambda: self._repeated(once)) if repeatable else once)
        except SystemFailure as failure:
            logger.warning(
                "%s: %s, HTTP %s, after %.2f s and %d requests",
                failure.system,
                failure.kind,
                getattr(failure, "status", 0) or "-",
                time.monotonic() - began,
                sent,
            )
            raise SystemFailure(failure.system, failure.kind, retry=failure.retry) from None

    def _repeated(self, once: Callable[[], Answer | None]) -> Answer | None:
        return Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, _Failed) and error.again),
            wait=_pause,
            stop=self._is_over,
            reraise=True,
        )(once)

    def _is_over(self, state: RetryCallState) -> bool:
        attempts = self._connection.attempts
        return state.attempt_number >= attempts or state.upcoming_sleep >= self.deadline.left()

    def _once(self, request: _Request) -> Answer | None:
        failed = functools.partial(_Failed, self._client.system)
        try:
            with ending_by(self.deadline):
                answer = self._send(request)
        except httpcore2.TimeoutException:
            problem = failed("timeout", retry=True, again=True)
        except httpcore2.ConnectError as error:
            unsafe = error.args and isinstance(error.args[0], ssl.SSLCertVerificationError)
            kind = "refused" if unsafe else "unavailable"
            problem = failed(kind, retry=not unsafe, again=not unsafe)
        except (httpcore2.NetworkError, httpcore2.RemoteProtocolError):
            problem = failed("unavailable", retry=True, again=True)
        except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol):
            problem = failed("refused", retry=False)
        else:
            if answer.status in request.missing:
                return None
            refusal = self._refusal(answer)
            if refusal is not None:
                raise refusal
            return self._decoded(answer) if request.is_json else answer
        raise problem

    def _send(self, request: _Request) -> Answer:
        client, left = self._client, self.deadline.at_most
        scheme, host, port = client._origin
        target = client._prefix + request.target.encode("ascii")
        url = httpcore2.URL(scheme=scheme, host=host, port=port, target=target)
        timeout = {
            "connect": left(self._connection.connect_seconds),
            "read": left(self._connection.read_seconds),
            "write": left(self._connection.read_seconds),
            "pool": left(None),
        }
        with client._pool.stream(
            request.method,
            url,
            headers=list({**client._headers, **request.headers}.items()),
            content=request.content,
            extensions={"timeout": timeout},
        ) as response:
            got = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            if got.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
                raise _Failed(client.system, "malformed", retry=False, status=response.status)
            received = bytearray()
            for part in response.iter_stream():
                received += part
                if len(received) > request.size:
                    raise _Failed(client.system, "malformed", retry=False, status=response.status)
            return Answer(response.status, got, bytes(received))

    def _refusal(self, answer: Answer) -> _Failed | None:
        """Return what an answer that is no success means."""
        status = answer.status
        failed = functools.partial(_Failed, self._client.system, status=status)
        if 200 <= status < 300:
            return None
        after = _retry_after(answer.headers.get("retry-after", ""))
        if status == 429 or (status == 503 and after is not None):
            return failed("rate_limited", retry=True, again=True, after=after)
        if status == 503 or status in _PASSING:
            return failed("unavailable", retry=True, again=True)
        if status >= 500:
            return failed("unavailable", retry=True)
        if status in (401, 403):
            return failed("unauthorised", retry=False)
        return failed("refused", retry=False)

    def _decoded(self, answer: Answer) -> Answer:
        if not answer.content.strip():
            return answer
        try:
            data = jsons.loads(answer.content, parse_constant=_no_constant)
            if (
                b"\\ud" in answer.content.lower()
            ):  # maybe half of a surrogate pair, which is no text
                jsons.dumps(data, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            problem = _Failed(self._client.system, "malformed", retry=False, status=answer.status)
        else:
            return Answer(answer.status, answer.headers, answer.content, data)
        raise problem


@functools.cache  # reading the certificate authorities takes longer than many a call
def _tls(ca_file: str) -> ssl.SSLContext:
    context = httpcore2.default_ssl_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _request(
    headers: Mapping[str, str],
    json: Any,
    form: Mapping[str, str] | None,
    body: bytes | None,
    *,
    is_json: bool,
) -> tuple[dict[str, str], bytes]:
    sent = {"Accept": "application/json" if is_json else "*/*", **headers}
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        return sent, urlencode(form, errors="replace").encode("ascii")
    if json is not None:
        body = jsons.dumps(json).encode("ascii")
    if body is not None:
        sent["Content-Type"] = "application/json"
    return sent, body or b""


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _Failed) and error.after is not None:
        return error.after
    return _backoff(state)


def _retry_after(value: str) -> float | None:
    """Return the seconds that the header asks for, in either form of RFC 9110, 10.2.3."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _no_constant(name: str) -> None:
    raise ValueError(name)
