"""A Bot API server on loopback that behaves as https://core.telegram.org/bots/api says.

Beside it stand the customers: what they `say`, `press`, `edit` or send becomes updates, which are
polled or delivered to the webhook; what the bot sends them is in `sent`. As a Bot API server of
one's own does, it calls http addresses too; `is_local=False` makes it as strict as the public one.
"""

import hashlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any

from tests.channels_adapters.telegram.markup import found_entities
from tests.channels_adapters.telegram.methods import Methods
from tests.channels_adapters.telegram.people import Button, Person, Shown, shown
from tests.channels_adapters.telegram.webhooks import Deliverer
from tests.channels_adapters.telegram.wire import ApiError, Call, Upload, handler

WITHIN = 10.0  # seconds in which what is waited for has to come
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass
class Hook:
    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    last_error: str = ""
    last_error_at: int = 0


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients may leave as they like."""


class TelegramServer:
    """A server with one bot. Use it as a context manager; it is safe for threads."""

    def __init__(self, *, is_local: bool = True, bot_username: str = "svar_test_bot") -> None:
        self.is_local = is_local
        self.bot_username = bot_username
        self.bot = {"id": 700000001, "is_bot": True, "first_name": "Svar", "username": bot_username}
        self.token = f"{self.bot['id']}:AAtest-{hashlib.sha256(b'svar').hexdigest()[:28]}"
        self.sent: list[Shown] = []
        self.edits: list[dict[str, Any]] = []
        self.typing: list[int] = []
        self.calls: list[Call] = []
        self.answered: list[str] = []
        self.pending: list[dict[str, Any]] = []
        self.chats: dict[int, dict[str, Any]] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.blocked: set[int] = set()
        self.deactivated: set[int] = set()
        self.migrated: dict[int, int] = {}
        self.hook = Hook()
        self.flood_seconds = 0.0  # the least time between two messages to one chat; 0: any
        self.changed = threading.Condition(threading.RLock())
        self.stopping = threading.Event()
        self._contents: dict[str, bytes] = {}
        self._messages: dict[tuple[int, int], dict[str, Any]] = {}
        self._spinning: set[str] = set()
        self._faults: deque[tuple[str, str]] = deque()
        self._last_sent: dict[int, float] = {}
        self._allowed: list[str] | None = None
        self.polls = 0
        self._numbers = itertools.count(1)
        self._updates = itertools.count(880000001)
        self._methods = Methods(self)
        self._http = _HttpServer(
            ("127.0.0.1", 0), handler(self.answer, self._download, self._fault, self._hang)
        )
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> "TelegramServer":
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        Deliverer(self).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self.changed:
            self.stopping.set()
            self.changed.notify_all()
        self._http.shutdown()
        self._http.server_close()

    # What customers do

    def person(self, first_name: str = "Ida", *, language: str = "en", **names: str) -> Person:
        """Return a customer with a Telegram account."""
        return Person(5_000_000_000 + next(self._numbers), first_name, language=language, **names)

    def group(self, title: str = "Family", *, topics: bool = False, small: bool = False) -> int:
        """Return the id of a group that the bot is in; small ones can become supergroups."""
        number = next(self._numbers)
        chat_id = -number if small else -1_000_000_000_000 - number
        chat = {"id": chat_id, "type": "group" if small else "supergroup", "title": title}
        self.chats[chat_id] = {**chat, "is_forum": True} if topics else chat
        return chat_id

    def say(self, user: Person, text: str, chat: int = 0, **more: Any) -> dict[str, Any]:
        """Write a message, in a group if `chat` is given; `more` are fields of it."""
        entities = found_entities(text)
        fields = {"text": text, **({"entities": entities} if entities else {}), **more}
        return self.send(user, chat, **fields)

    def send(self, user: Person, chat: int = 0, **fields: Any) -> dict[str, Any]:
        """Send a message of any kind, with its fields as Telegram has them."""
        with self.changed:
            where = self.chats.get(chat) if chat else self._private(user)
            message = self.new_message(where or {}, user.user, **fields)
            self.update(message=message)
        return message

    def send_photo(self, user: Person, content: bytes, caption: str = "", **more: Any) -> Any:
        """Send a picture; as Telegram does, in a small and in its own size."""
        small, large = self.keep(content[:100], "small.jpg"), self.keep(content, "large.jpg")
        sizes = [{**small, "width": 90, "height": 60}, {**large, "width": 1280, "height": 853}]
        return self.send(user, photo=sizes, **({"caption": caption} if caption else {}), **more)

    def send_document(self, user: Person, name: str, content: bytes, kind: str) -> Any:
        """Send a file."""
        file = self.keep(content, name)
        return self.send(user, document={**file, "file_name": name, "mime_type": kind})

    def press(self, button: Button, user: Person | None = None) -> str:
        """Press a button, in a private chat as the one whom it was sent to; return its query."""
        query = str(4_000_000_000 + next(self._numbers))
        chat = self.chats[button.message["chat"]["id"]]
        assert user or "_user" in chat, "Say who presses it: it is in a group."
        person = user.user if user else chat["_user"]
        with self.changed:
            self._spinning.add(query)
            self.update(
                callback_query={
                    "id": query,
                    "from": person,
                    "message": button.message,
                    "chat_instance": "1",
                    "data": button.data,
                }
            )
        return query

    def edit(self, message: dict[str, Any], text: str) -> None:
        """Change a message that was said, or its caption."""
        name = "caption" if "caption" in message or "text" not in message else "text"
        with self.changed:
            message |= {name: text, "edit_date": int(time.time())}
            message.pop("entities", None)
            if entities := found_entities(text):
                message["entities"] = entities
            self.update(edited_message=message)

    def block(self, user: Person) -> None:
        """Block the bot."""
        self.blocked.add(user.id)
        self._member(user, "member", "kicked")

    def unblock(self, user: Person) -> None:
        """Take it back."""
        self.blocked.discard(user.id)
        self._member(user, "kicked", "member")

    def upgrade(self, chat: int) -> int:
        """Make a small group a supergroup; return its new id."""
        new = self.group(self.chats[chat]["title"])
        self.migrated[chat] = new
        return new

    # What tests ask and arrange

    def fail_next(self, number: int, kind: str, method: str = "") -> None:
        """Let the next calls (of one method) fail: timeout, reset, 500, 502 or 429."""
        self._faults.extend([(kind, method.lower())] * number)

    def wait_for(self, condition: Callable[[], Any], seconds: float = WITHIN) -> Any:
        """Return what `condition` says as soon as it holds. Raises AssertionError after that."""
        with self.changed:
            assert self.changed.wait_for(condition, seconds), "It did not come in time."
            return condition()

    def wait_sent(self, number: int = 1, seconds: float = WITHIN) -> list[Shown]:
        """Return what was sent as soon as there are so many."""
        self.wait_for(lambda: len(self.sent) >= number, seconds)
        return list(self.sent)

    def buttons(self) -> list[Button]:
        """Return the buttons of the last message that has any."""
        return next((list(one.buttons) for one in reversed(self.sent) if one.buttons), [])

    # What the methods need

    def answer(self, call: Call) -> Any:
        self.calls.append(call)
        return self._methods.answer(call)

    def new_message(self, chat: dict[str, Any], user: Any, **fields: Any) -> dict[str, Any]:
        public = {name: value for name, value in chat.items() if not name.startswith("_")}
        number = next(self._numbers)
        message = {"message_id": number, "from": user, "chat": public, "date": int(time.time())}
        message |= fields
        self._messages[chat["id"], number] = message
        return message

    def find(self, chat_id: int, message_id: int) -> dict[str, Any] | None:
        return self._messages.get((chat_id, message_id))

    def keep(self, content: bytes, name: str, size: int | None = None) -> dict[str, Any]:
        """Keep a file; return how Telegram refers to it. `size` is what it claims to have."""
        number = next(self._numbers)
        ending = name.rpartition(".")[2]
        file = {
            "file_id": f"AgACAgQAAx{number:08d}",
            "file_unique_id": f"AQAD{number:06d}",
            "file_size": len(content) if size is None else size,
        }
        path = f"files/file_{number}.{ending}"
        self.files[str(file["file_id"])] = {**file, "file_path": path}
        self._contents[path] = content
        return file

    def forget_contents(self) -> None:
        """Lose all files, as Telegram does after a while."""
        self._contents.clear()

    def show(self, message: dict[str, Any], upload: Upload | None, previews: bool) -> None:
        with self.changed:
            self.sent.append(shown(message, upload, previews))
            self.changed.notify_all()

    def note_edit(self, message: dict[str, Any]) -> None:
        with self.changed:
            self.edits.append(message)
            self.changed.notify_all()

    def stop_spinning(self, query: str) -> bool:
        with self.changed:
            if query not in self._spinning:
                return False
            self._spinning.discard(query)
            self.answered.append(query)
            self.changed.notify_all()
        return True

    def flood(self, chat_id: int) -> None:
        """Raises ApiError (429) where a chat gets messages faster than `flood_seconds`."""
        with self.changed:
            now = time.monotonic()
            left = self._last_sent.get(chat_id, -1e9) + self.flood_seconds - now
            if self.flood_seconds and left > 0:
                seconds = max(1, round(left))
                raise ApiError(
                    429, f"Too Many Requests: retry after {seconds}", retry_after=seconds
                )
            self._last_sent[chat_id] = now

    def set_webhook(self, url: str, secret: str, allowed: Any, connections: int) -> None:
        with self.changed:
            self.hook = Hook(url, secret, connections)
            self._allowed = allowed if allowed is not None else self._allowed
            self.changed.notify_all()

    def drop(self) -> None:
        with self.changed:
            self.pending.clear()

    def update(self, **kind: Any) -> dict[str, Any]:
        """Make an update of any kind, unless the bot does not want those."""
        with self.changed:
            name = next(iter(kind))
            update = {"update_id": next(self._updates), **kind}
            if name in self._allowed if self._allowed else name not in _NOT_BY_DEFAULT:
                self.pending.append(update)
                self.changed.notify_all()
        return update

    def get_updates(
        self, offset: int | None, limit: int, timeout: float, allowed: Any
    ) -> list[dict[str, Any]]:
        with self.changed:
            if self.hook.url:
                raise ApiError(
                    409,
                    "Conflict: can't use getUpdates method while webhook is active; "
                    "use deleteWebhook to delete the webhook first",
                )
            self._allowed = allowed if allowed is not None else self._allowed
            if offset is not None and offset < 0:
                offset = self.pending[offset:][0]["update_id"] if self.pending else None
            if offset:
                self.pending[:] = [one for one in self.pending if one["update_id"] >= offset]
            self.polls = mine = self.polls + 1
            self.changed.notify_all()
            self.changed.wait_for(
                lambda: self.pending or self.polls != mine or self.stopping.is_set(), timeout
            )
            if self.polls != mine:
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; "
                    "make sure that only one bot instance is running",
                )
            return self.pending[:limit]

    def _private(self, user: Person) -> dict[str, Any]:
        chat = {"id": user.id, "type": "private", "first_name": user.first_name}
        return self.chats.setdefault(user.id, {**chat, "_user": user.user})

    def _member(self, user: Person, old: str, new: str) -> None:
        chat = self._private(user)
        public = {name: value for name, value in chat.items() if not name.startswith("_")}
        until = {"until_date": 0}
        self.update(
            my_chat_member={
                "chat": public,
                "from": user.user,
                "date": int(time.time()),
                "old_chat_member": {"user": self.bot, "status": old, **until},
                "new_chat_member": {"user": self.bot, "status": new, **until},
            }
        )

    def _download(self, token: str, path: str) -> bytes:
        if token != self.token or path not in self._contents:
            raise ApiError(404, "Not Found")
        return self._contents[path]

    def _fault(self, method: str) -> str:
        with self.changed:
            if self._faults and self._faults[0][1] in ("", method.lower()):
                return self._faults.popleft()[0]
        return ""

    def _hang(self) -> None:
        self.stopping.wait(30)
