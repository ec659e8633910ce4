"""Any other system: it posts signed messages to us, and we post signed messages to it.

Signatures are those of Standard Webhooks (https://www.standardwebhooks.com), both ways, so most
languages have a library that makes and checks them. docs/channels-http.md has the messages.
"""

import functools
import json
import ssl
import time
from collections.abc import Sequence
from typing import Any, ClassVar

from django.forms import Form
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from channels_adapters.base import Accepted, Connection, HookRequest, RefusedHook, SendError
from channels_adapters.http import payloads, signing
from channels_adapters.http.forms import HttpForm
from chatbot.conversations.models import Channel
from chatbot.envelope import Capabilities, Event, Inbound, OutboundMessage, Sent

_SECONDS = 15.0
_MOST_ANSWER = 64 * 1024
_PASSING = frozenset({408, 425, 429})


class HttpAdapter:
    """`channels_adapters.base.ChannelAdapter` over signed HTTP requests."""

    label = _("Other system (HTTP)")
    about = _("Any other system: signed messages over HTTP, both ways.")
    where_from = _("What is sent and how it is signed: docs/channels-http.md.")
    capabilities = Capabilities(
        buttons=20, button_length=200, files=True, edits=True, threads=True, notices=False
    )
    form: ClassVar[type[Form]] = HttpForm
    secret_fields: ClassVar[tuple[str, ...]] = ("secret",)

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    # --- In -----------------------------------------------------------------------------------
    def accept(self, request: HookRequest) -> Accepted:
        if request.method != "POST":
            raise RefusedHook(405, "POST only")
        try:
            secret = signing.key_of(self._written_secret)  # a channel may have none yet
            signing.check(request.headers, request.body, secret, now=time.time())
        except signing.BadSignature as error:
            raise RefusedHook(401, str(error)) from error
        try:
            events = payloads.events_of(request.body)
        except ValidationError as error:
            wrong = ", ".join(".".join(map(str, one["loc"])) or "body" for one in error.errors())
            raise RefusedHook(400, f"not right: {wrong[:200]}") from error
        return Accepted(events, b'{"ok":true}', "application/json")

    def parse(self, event: Event) -> Sequence[Inbound]:
        return [payloads.inbound(event.payload, self.channel.pk)]

    # --- Out ----------------------------------------------------------------------------------
    def send(self, message: OutboundMessage) -> Sent:
        answer = self._post(f"msg_{message.key}", payloads.outbound(message))
        known = answer.get("id")
        return Sent((str(known)[:300],) if known else (f"msg_{message.key}",))

    def connect(self, hook_url: str) -> Connection:
        self._post(f"ping_{int(time.time())}", {"type": "ping"})
        text = gettext("It answers. Have it post messages to %(url)s.") % {"url": hook_url}
        return Connection(account=str(self.channel.config.get("url", ""))[:254], text=text)

    @property
    def _written_secret(self) -> str:
        return str(self.channel.secrets.get("secret", ""))

    def _secret(self) -> bytes:
        try:
            return signing.key_of(self._written_secret)
        except signing.BadSignature as error:
            raise SendError(
                gettext("There is no usable secret. Make a new one in the channel's settings."),
                permanent=True,
            ) from error

    def _post(self, key: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Post `payload` and return the JSON object that was answered, or {}. Raises SendError."""
        import httpx

        url = str(self.channel.config.get("url", ""))
        if not url:
            raise SendError(gettext("This channel has no address to send to."), permanent=True)
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = {
            "content-type": "application/json",
            "user-agent": "Svar/1.0",
            # A receiver that keeps these never takes the same message twice.
            **signing.sign(key, body, self._secret(), now=time.time()),
        }
        ends = time.monotonic() + _SECONDS
        answer = b""
        try:
            with (
                httpx.Client(
                    timeout=10.0, follow_redirects=False, trust_env=False, verify=_tls()
                ) as client,
                client.stream("POST", url, content=body, headers=headers) as response,
            ):
                for chunk in response.iter_bytes():
                    answer += chunk
                    if len(answer) > _MOST_ANSWER or time.monotonic() > ends:
                        break
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise SendError(gettext("This is not a web address."), permanent=True) from error
        except httpx.HTTPError as error:
            raise SendError(
                gettext("It cannot be reached: %(error)s.") % {"error": type(error).__name__},
                permanent=False,
            ) from error
        if not response.is_success:
            raise _refusal(response.status_code, response.headers.get("retry-after", ""))
        try:
            said = json.loads(answer or b"{}")
        except ValueError:
            said = {}
        return said if isinstance(said, dict) else {}


@functools.cache  # reading the certificate authorities takes longer than the call itself
def _tls() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def _refusal(status: int, retry_after: str) -> SendError:
    passing = status in _PASSING or status >= 500
    return SendError(
        gettext("It answered with HTTP %(status)s.") % {"status": status},
        permanent=not passing,
        retry_after=float(retry_after) if retry_after.isdigit() else None,
    )
