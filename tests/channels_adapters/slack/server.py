"""Slack on loopback, behaving as documented: Web API, files, Events API, Socket Mode, OAuth.

`SlackServer` is a context manager. People in it write by `say`, `mention`, `press`, `edit`,
`delete` and `upload`; what the bot wrote is in `posted` and `shared`. Events go to the address of
`connect_events`, else to whoever holds a Socket Mode connection.
"""

import hashlib
import hmac
import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from tests.channels_adapters.slack.records import Posted, Said, Shared, Workspace
from tests.channels_adapters.slack.sockets import SocketMode
from tests.channels_adapters.slack.web_api import Handler, Refused, file_path


class SlackServer:
    """An app of Slack's and the workspaces that it is installed in."""

    def __init__(self, *, timeout: float = 3.0, attempts: int = 4) -> None:
        """Slack waits `timeout` seconds for the 200, and tries `attempts` times, without pauses."""
        self.timeout, self.attempts = timeout, attempts
        self.app_id, self.client_id, self.client_secret = "A0SVAR", "111.222", "client-secret"
        self.app_token, self.signing_secret = "xapp-1-A0SVAR-1-abc", "signing-secret"
        self.home = Workspace("T0TEST", "Test Workspace", "xoxb-1-test", "U0SVAR", "B0SVAR")
        self.by_token = {self.home.bot_token: self.home}
        self.users = {"U0IDA": ("Ida Holm", "ida@example.org"), "U0OLE": ("Ole Vig", "")}
        self.channels = {"C0HELP": "help", "C0OLD": "old", "G0GROUP": "mpdm-ida--ole--svar-1"}
        self.archived, self.closed = {"C0OLD"}, set[str]()  # closed: private, the bot is not there
        self.rate_seconds = 0.0  # Slack's own is 1 message a second in a channel
        self.deduplicates = True  # by client_msg_id, which Slack does and does not promise
        self.posted: list[Posted] = []
        self.shared: list[Shared] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.fetches: list[tuple[str, str]] = []  # paths of files, and the Authorization sent
        self.files: dict[str, dict[str, Any]] = {}
        self.pending: dict[str, dict[str, Any]] = {}
        self.codes: dict[str, tuple[Workspace, str]] = {}
        self.lock, self.closing = threading.RLock(), threading.Event()
        self.socket_mode = SocketMode(timeout)
        self._faults: list[tuple[str, str | None]] = []
        self._posted_at: dict[str, float] = {}
        self._events_url = ""
        self._numbers = itertools.count(1)
        self._http = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Bound", (Handler,), {"slack": self})
        )
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self.api_url = self.url + "/api/"

    @property
    def team(self) -> str:
        """The ID of the workspace that the app is installed in from the beginning."""
        return self.home.id

    @property
    def bot_token(self) -> str:
        """The token of the bot there."""
        return self.home.bot_token

    def __enter__(self) -> "SlackServer":
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        self.socket_mode.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closing.set()
        self.socket_mode.stop()
        self._http.shutdown()
        self._http.server_close()

    # --- For tests ----------------------------------------------------------------------------
    def connect_events(self, url: str, signing_secret: str | None = None) -> None:
        """Send events and presses of buttons to `url`, signed."""
        self._events_url = url
        self.signing_secret = signing_secret or self.signing_secret

    def fail_next(self, n: int, kind: str, method: str | None = None) -> None:
        """Let the next `n` requests (of `method`; `file` and `upload` are files') fail.

        Kinds: 500, 503, 429 (Retry-After: 7), timeout, reset, half (of an answer), redirect (of a
        file), lost (done, and the answer lost), done_but_fatal, or any `error` of Slack's.
        """
        self._faults += [(kind, method)] * n

    def fault(self, method: str) -> str:
        """Return how a request to `method` fails, empty if it does not."""
        with self.lock:
            for index, (kind, only) in enumerate(self._faults):
                if only in (None, method):
                    del self._faults[index]
                    return kind
        return ""

    def agree_to_install(self, redirect_uri: str, team: str = "T0OTHER") -> str:
        """Return the code with which somebody comes back from Slack's page of consent."""
        workspace = Workspace(team, "Other Workspace", f"xoxb-2-{team}", "U0BOT2", "B0BOT2")
        code = f"code-{next(self._numbers)}"
        self.codes[code] = (workspace, redirect_uri)
        return code

    def workspace(self, team: str = "") -> Workspace:
        """Return an installed workspace by its ID."""
        return next(each for each in self.by_token.values() if each.id == (team or self.team))

    # --- What people do -----------------------------------------------------------------------
    def say(
        self, user: str, text: str, channel: str = "", thread: str | None = None, **more: Any
    ) -> Said:
        """Write a message: as a direct message to the bot, or in a channel or thread."""
        workspace = self.workspace(more.pop("team", ""))
        event = {
            "type": "message",
            "channel": channel or self.direct(user),
            "user": user,
            "text": text,
            "ts": self.new_ts(),
            "team": workspace.id,
            "client_msg_id": f"00000000-0000-4000-8000-{next(self._numbers):012}",
            **({"thread_ts": thread} if thread else {}),
            **more,
        }
        event["channel_type"] = self._type_of(event["channel"])
        events = [event]
        if f"<@{workspace.bot_user}>" in text and event["channel_type"] != "im":
            events.append(
                {
                    name: value
                    for name, value in {**event, "type": "app_mention"}.items()
                    if name not in ("channel_type", "subtype")
                }
            )
        return self._happened(workspace, user, event, *events)

    def mention(
        self, user: str, text: str, channel: str = "C0HELP", thread: str | None = None, **more: Any
    ) -> Said:
        """Mention the bot in a channel: Slack sends two events of one message."""
        bot = self.workspace(more.get("team", "")).bot_user
        return self.say(user, f"<@{bot}> {text}", channel, thread, **more)

    def edit(self, said: Said, text: str) -> Said:
        """Change a message; the same text is what a preview of a link makes."""
        event = self._about(said, "message_changed")
        event["message"] = {"type": "message", "user": said.user, "text": text, "ts": said.ts}
        return self._happened(self.home, said.user, {**event, "text": text}, event)

    def delete(self, said: Said, *, answered: bool = False) -> Said:
        """Delete a message; one with answers below it leaves a tombstone."""
        event = self._about(said, "message_changed" if answered else "message_deleted")
        if answered:
            grave = {
                "subtype": "tombstone",
                "user": "USLACKBOT",
                "text": "This message was deleted.",
            }
            event["message"] = {"type": "message", "ts": said.ts, "hidden": True, **grave}
        else:
            event["deleted_ts"] = said.ts
        return self._happened(self.home, said.user, event, event)

    def upload(
        self, user: str, name: str, content: bytes, text: str = "", channel: str = "", **more: Any
    ) -> Said:
        """Write a message with a file; `mimetype` is that of the file."""
        file_id = self.new_id("F")
        kind = more.pop("mimetype", "application/octet-stream")
        self.files[file_id] = {"name": name, "content": content, "mimetype": kind}
        files = [self.file_object(file_id)]
        if more.pop("shared_channel", False):
            files = [{"id": file_id, "file_access": "check_file_info", "created": 0}]
        return self.say(user, text, channel, subtype="file_share", files=files, **more)

    def press(self, posted: Posted, button: str, user: str = "U0IDA") -> Said:
        """Press the button of that text."""
        element = posted.button(button)
        ts = self.new_ts()
        below = {"thread_ts": posted.thread_ts} if posted.thread_ts else {}
        name = "directmessage" if posted.channel[0] == "D" else self.channels[posted.channel]
        payload = {
            "type": "block_actions",
            "user": {"id": user, "username": "ida", "name": "ida", "team_id": posted.team},
            "api_app_id": self.app_id,
            "token": "deprecated",
            "container": {
                "type": "message",
                "message_ts": posted.ts,
                "channel_id": posted.channel,
                "is_ephemeral": False,
                **below,
            },
            "trigger_id": f"{next(self._numbers)}.abc",
            "team": {"id": posted.team, "domain": "test"},
            "enterprise": None,
            "channel": {"id": posted.channel, "name": name},
            "message": {"bot_id": "B0SVAR", "type": "message", "ts": posted.ts, **below},
            "state": {"values": {}},
            "response_url": self.url + "/response",
            "actions": [{**element, "block_id": "b1", "action_ts": ts}],
        }
        statuses = self.deliver(payload, kind="interactive")
        return Said(user, posted.channel, ts, posted.thread_ts, button, statuses)

    # --- Events -------------------------------------------------------------------------------
    def callback(self, event: dict[str, Any], workspace: Workspace | None = None) -> dict[str, Any]:
        """Return the outer part of an event."""
        of = workspace or self.home
        who = {"enterprise_id": None, "team_id": of.id, "user_id": of.bot_user, "is_bot": True}
        return {
            "token": "deprecated",
            "team_id": of.id,
            "context_team_id": of.id,
            "api_app_id": self.app_id,
            "event": {"event_ts": event.get("ts", ""), **event},
            "type": "event_callback",
            "event_id": self.new_id("Ev"),
            "event_time": int(float(event.get("ts") or 0)),
            "authorizations": [{**who, "is_enterprise_install": False}],
            "is_ext_shared_channel": False,
            "event_context": "4-abc",
        }

    def deliver(self, payload: dict[str, Any], *, kind: str = "events_api") -> tuple[int, ...]:
        """Deliver a body until it is taken; returns the status of each attempt."""
        if not self._events_url:
            return self.socket_mode.deliver(payload, kind, self.attempts)
        body = json.dumps(payload)
        content_type = "application/json"
        if kind == "interactive":
            body, content_type = urlencode({"payload": body}), "application/x-www-form-urlencoded"
        statuses: list[int] = []
        reason = ""
        for attempt in range(self.attempts):
            headers = {"Content-Type": content_type, **self.sign(body.encode())}
            if attempt:
                headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
            statuses.append(self._post(body.encode(), headers))
            if statuses[-1] == 200 or kind == "interactive":  # presses are not tried again
                break
            reason = "http_error" if statuses[-1] else "http_timeout"
        return tuple(statuses)

    def sign(self, body: bytes, at: int | None = None) -> dict[str, str]:
        """Return the headers that prove a body to be Slack's."""
        stamp = str(int(time.time()) if at is None else at)
        digest = hmac.new(
            self.signing_secret.encode(), b"v0:%s:%s" % (stamp.encode(), body), "sha256"
        )
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest.hexdigest()}"}

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        request = urllib.request.Request(self._events_url, body, headers)  # noqa: S310  # a test's own server
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:  # noqa: S310  # the same
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def _about(self, said: Said, subtype: str) -> dict[str, Any]:
        before = {"type": "message", "user": said.user, "text": said.text, "ts": said.ts}
        if said.thread_ts:
            before["thread_ts"] = said.thread_ts
        return {
            "type": "message",
            "subtype": subtype,
            "hidden": True,
            "channel": said.channel,
            "channel_type": self._type_of(said.channel),
            "ts": self.new_ts(),
            "previous_message": before,
        }

    def _happened(
        self, workspace: Workspace, user: str, event: dict[str, Any], *events: dict[str, Any]
    ) -> Said:
        bodies = [self.callback(each, workspace) for each in events]
        statuses = [status for body in bodies for status in self.deliver(body)]
        about = event.get("previous_message", event)
        return Said(
            user,
            event["channel"],
            about["ts"],
            event.get("thread_ts", ""),
            event.get("text", ""),
            tuple(statuses),
            tuple(body["event_id"] for body in bodies),
        )

    # --- For the API --------------------------------------------------------------------------
    def direct(self, user: str) -> str:
        """Return the ID of a user's direct messages with the bot."""
        return f"D{user[1:]}"

    def place(self, workspace: Workspace, given: str) -> str:
        """Return the channel that an ID, a name or a user's ID means. Raises Refused."""
        names = {name: channel for channel, name in self.channels.items()}
        channel = names.get(given.removeprefix("#"), given)
        if given in self.users:
            channel = self.direct(given)
        known = channel in self.channels or (channel[:1] == "D" and f"U{channel[1:]}" in self.users)
        if not known or channel in self.closed:
            raise Refused("channel_not_found")
        if channel in self.archived:
            raise Refused("is_archived")
        if channel[0] == "C" and "chat:write.public" not in workspace.scopes:
            raise Refused("not_in_channel")
        return channel

    def check_rate(self, channel: str) -> None:
        """Raise Refused for a second message within `rate_seconds`."""
        now = time.monotonic()
        if now - self._posted_at.get(channel, -1e9) < self.rate_seconds:
            raise Refused("ratelimited")
        self._posted_at[channel] = now

    def file_object(self, file_id: str) -> dict[str, Any]:
        """Return a file as events and files.info tell of it."""
        file = self.files[file_id]
        url = self.url + file_path(file_id, file["name"])
        return {
            "id": file_id,
            "name": file["name"],
            "title": file["name"],
            "mimetype": file["mimetype"],
            "size": len(file["content"]),
            "mode": "hosted",
            "is_external": False,
            "url_private": url,
            "url_private_download": url,
            "file_access": "visible",
        }

    def new_socket_url(self) -> str:
        """Return an address for one Socket Mode connection."""
        return self.socket_mode.new_url()

    def new_ts(self) -> str:
        """Return a `ts` that no other message has."""
        return f"{int(time.time())}.{next(self._numbers):06}"

    def new_id(self, prefix: str) -> str:
        """Return an ID such as Slack's."""
        return prefix + hashlib.sha256(str(next(self._numbers)).encode()).hexdigest()[:10].upper()

    def _type_of(self, channel: str) -> str:
        return {"D": "im", "G": "mpim"}.get(channel[0], "channel")
