"""Who takes part at the Slack of the tests, and what they have done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

SCOPES = (
    "app_mentions:read", "channels:history", "chat:write", "chat:write.customize",
    "chat:write.public", "files:read", "files:write", "groups:history", "im:history", "im:write",
    "mpim:history", "users:read", "users:read.email",
)  # fmt: skip


@dataclass
class Workspace:
    """One that has, or will have, installed the app."""

    id: str
    name: str
    bot_token: str
    bot_user: str
    bot_id: str
    scopes: list[str] = field(default_factory=lambda: list(SCOPES))
    active: bool = True


@dataclass
class Posted:
    """A message of the bot. `given` are the arguments of the call."""

    channel: str
    ts: str
    thread_ts: str
    text: str
    blocks: list[dict[str, Any]]
    username: str
    client_msg_id: str
    team: str
    given: dict[str, Any]

    @property
    def buttons(self) -> list[str]:
        """The texts of its buttons."""
        return [each["text"]["text"] for each in self._elements()]

    @property
    def seen(self) -> str:
        """All text that its blocks show."""
        return _seen(self.blocks)

    def button(self, text: str) -> dict[str, Any]:
        """Return the button of that text."""
        return next(each for each in self._elements() if each["text"]["text"] == text)

    def _elements(self) -> list[dict[str, Any]]:
        return [e for block in self.blocks if block["type"] == "actions" for e in block["elements"]]


@dataclass(frozen=True)
class Shared:
    """A file of the bot's, as it is shown in a conversation."""

    channel: str
    thread_ts: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Said:
    """What somebody did. `statuses`: of each attempt to deliver it, 0 for none in time."""

    user: str
    channel: str
    ts: str
    thread_ts: str = ""
    text: str = ""
    statuses: tuple[int, ...] = ()
    event_ids: tuple[str, ...] = ()


def _seen(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(map(_seen, value))
    if not isinstance(value, dict):
        return ""
    text = value.get("text", value.get("url", "") if value.get("type") == "link" else "")
    return (text if isinstance(text, str) else _seen(text)) + _seen(value.get("elements", []))
