"""The Web API's methods over HTTP, with their documented errors."""

import json
import re
import socket
import struct
import uuid
from base64 import b64decode
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

from tests.channels_adapters.slack import block_kit
from tests.channels_adapters.slack.records import Posted, Shared, Workspace

if TYPE_CHECKING:
    from tests.channels_adapters.slack.server import SlackServer

NEEDS = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.open": "im:write",
    "conversations.info": "channels:history",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "files.info": "files:read",
    "users.info": "users:read",
}
LOGIN = b"<!DOCTYPE html><html><head><title>Sign in to Slack</title></head></html>"


class Refused(Exception):
    """`error` as Slack names it."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer = {"ok": False, "error": error, **more}


class Handler(BaseHTTPRequestHandler):
    """One request to the server named by the class made in `SlackServer`."""

    slack: "SlackServer"

    def log_message(self, *_args: Any) -> None:
        pass

    # --- HTTP ---------------------------------------------------------------------------------
    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        found = re.fullmatch(r"/files-pri/(F\w+)/.*", path)
        if found is None:
            self.answer(404, b"", "text/plain")
            return
        self.slack.fetches.append((path, self.headers.get("Authorization", "")))
        kind = self.slack.fault("file")
        if kind == "429":
            self.answer(429, b"", "text/plain", {"Retry-After": "7"})
            return
        workspace = self.slack.by_token.get(self.token())
        file = self.slack.files.get(found[1])
        if kind == "redirect":
            self.answer(302, b"", "text/plain", {"Location": "https://elsewhere.invalid/take"})
        elif workspace is None:
            self.answer(302, b"", "text/plain", {"Location": self.slack.url + "/?redir=" + path})
        elif file is None:
            self.answer(404, b"", "text/plain")
        elif "files:read" not in workspace.scopes:
            self.answer(200, LOGIN, "text/html; charset=utf-8")
        else:
            disposition = {"Content-Disposition": f'attachment; filename="{file["name"]}"'}
            self.answer(200, file["content"], file["mimetype"], disposition)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        if path.startswith("/upload/v1/"):
            self.upload(path.rpartition("/")[2], body)
            return
        method = path.removeprefix("/api/")
        arguments = self.arguments(body)
        self.slack.calls.append((method, arguments))
        kind = self.slack.fault(method)
        if kind == "timeout":
            self.slack.closing.wait(30)
            return
        if kind == "reset":
            self.reset()
            return
        if kind in ("500", "503"):
            self.answer(int(kind), b"<html>Something is wrong</html>", "text/html")
            return
        if kind == "half":
            self.answer(200, b'{"ok": tr', "application/json")
            return
        if kind == "429":
            refused = {"ok": False, "error": "ratelimited"}
            self.json(refused, status=429, headers={"Retry-After": "7"})
            return
        headers = {}
        try:
            if kind and kind not in ("lost", "done_but_fatal"):
                raise Refused(kind)
            answer, headers = self.call(method, arguments)
        except Refused as refused:
            answer = refused.answer
        if kind == "lost":
            self.reset()
        elif answer.get("error") == "ratelimited":
            self.json(answer, status=429, headers={"Retry-After": "1"})
        else:
            fatal = {"ok": False, "error": "fatal_error"}
            self.json(fatal if kind == "done_but_fatal" else answer, headers=headers)

    def arguments(self, body: bytes) -> dict[str, Any]:
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("application/json"):
            found: dict[str, Any] = json.loads(body or b"{}")
            return found
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}

    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def answer(
        self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def json(
        self, value: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        self.answer(status, json.dumps(value).encode(), "application/json; charset=utf-8", headers)

    def reset(self) -> None:
        # Closing with a linger of 0 seconds is a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RD)
        self.close_connection = True

    def upload(self, file_id: str, body: bytes) -> None:
        pending = self.slack.pending.get(file_id)
        kind = self.slack.fault("upload")
        if kind:
            self.answer(int(kind), b"", "text/plain", {"Retry-After": "7"})
        elif pending is None or len(body) != pending["length"]:
            self.answer(400, b"", "text/plain")
        else:
            pending["content"] = body
            self.answer(200, f"OK - {len(body)}".encode(), "text/plain")

    # --- Methods ------------------------------------------------------------------------------
    def call(self, method: str, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        slack = self.slack
        if method == "oauth.v2.access":
            return self.oauth(given), {}
        if method == "apps.connections.open":
            if self.token() != slack.app_token:
                raise Refused("invalid_auth" if self.token() else "not_authed")
            return {"ok": True, "url": slack.new_socket_url()}, {}
        if not self.token():
            raise Refused("not_authed")
        workspace = slack.by_token.get(self.token())
        if workspace is None:
            raise Refused("invalid_auth")
        if not workspace.active:
            raise Refused("account_inactive")
        if (needed := NEEDS.get(method)) and needed not in workspace.scopes:
            raise Refused("missing_scope", needed=needed, provided=",".join(workspace.scopes))
        function = getattr(self, method.replace(".", "_"), None)
        if function is None:
            raise Refused("unknown_method")
        with slack.lock:
            answer = function(workspace, given)
        return {"ok": True, **answer}, {"X-OAuth-Scopes": ",".join(workspace.scopes)}

    def oauth(self, given: dict[str, Any]) -> dict[str, Any]:
        basic = self.headers.get("Authorization", "").removeprefix("Basic ")
        client, _colon, secret = b64decode(basic).decode().partition(":")
        if client != self.slack.client_id:
            raise Refused("invalid_client_id")
        if secret != self.slack.client_secret:
            raise Refused("bad_client_secret")
        code = self.slack.codes.pop(given.get("code", ""), None)
        if code is None:
            raise Refused("invalid_code")
        workspace, redirect_uri = code
        if given.get("redirect_uri") != redirect_uri:
            raise Refused("bad_redirect_uri")
        self.slack.by_token[workspace.bot_token] = workspace
        return {
            "ok": True,
            "access_token": workspace.bot_token,
            "token_type": "bot",
            "scope": ",".join(workspace.scopes),
            "bot_user_id": workspace.bot_user,
            "app_id": self.slack.app_id,
            "team": {"id": workspace.id, "name": workspace.name},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def auth_test(self, workspace: Workspace, _given: dict[str, Any]) -> dict[str, Any]:
        return {
            "url": "https://test.slack.com/",
            "team": workspace.name,
            "user": "svar",
            "team_id": workspace.id,
            "user_id": workspace.bot_user,
            "bot_id": workspace.bot_id,
            "is_enterprise_install": False,
        }

    def chat_postMessage(self, workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
        slack = self.slack
        channel = slack.place(workspace, given.get("channel", ""))
        text, blocks = given.get("text", ""), given.get("blocks") or []
        if not text and not blocks:
            raise Refused("no_text")
        if wrong := block_kit.problem(blocks):
            raise Refused(wrong)
        if given.get("username") and "chat:write.customize" not in workspace.scopes:
            raise Refused("missing_scope", needed="chat:write.customize")
        if (metadata := given.get("metadata")) and set(metadata) != {"event_type", "event_payload"}:
            raise Refused("invalid_metadata_format")
        key = given.get("client_msg_id", "")
        if key:
            if str(uuid.UUID(key)) != key:
                raise Refused("invalid_arguments")
            for each in slack.posted:
                if slack.deduplicates and each.client_msg_id == key and each.channel == channel:
                    return {"channel": channel, "ts": each.ts, "message": {"text": each.text}}
        slack.check_rate(channel)
        posted = Posted(
            channel=channel,
            ts=slack.new_ts(),
            thread_ts=given.get("thread_ts") or "",
            text=text[:40_000],
            blocks=blocks,
            username=given.get("username", ""),
            client_msg_id=key,
            team=workspace.id,
            given=given,
        )
        slack.posted.append(posted)
        return {"channel": channel, "ts": posted.ts, "message": {"text": text, "blocks": blocks}}

    def _ours(self, given: dict[str, Any], error: str) -> Any:
        for each in self.slack.posted:
            if (each.channel, each.ts) == (given.get("channel"), given.get("ts")):
                return each
        raise Refused(error)

    def chat_update(self, _workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
        if wrong := block_kit.problem(given.get("blocks") or []):
            raise Refused(wrong)
        posted = self._ours(given, "message_not_found")
        posted.text, posted.blocks = given.get("text", ""), given.get("blocks") or []
        return {"channel": posted.channel, "ts": posted.ts, "text": posted.text}

    def chat_delete(self, _workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
        posted = self._ours(given, "message_not_found")
        self.slack.posted.remove(posted)
        return {"channel": posted.channel, "ts": posted.ts}

    def conversations_open(self, workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("users") not in self.slack.users:
            raise Refused("user_not_found")
        return {"channel": {"id": self.slack.place(workspace, given["users"])}}

    def conversations_info(self, workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
        channel = self.slack.place(workspace, given.get("channel", ""))
        return {"channel": {"id": channel, "is_im": channel.startswith("D")}}

    def conversations_history(self, workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
        return {"messages": self._messages(workspace, given, "")}

    def conversations_replies(self, workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
        return {
            "messages": self._messages(workspace, given, given.get("ts", "")),
            "has_more": False,
        }

    def _messages(
        self, workspace: Workspace, given: dict[str, Any], below: str
    ) -> list[dict[str, Any]]:
        channel = self.slack.place(workspace, given.get("channel", ""))
        return [
            {"ts": each.ts, "text": each.text, "bot_id": workspace.bot_id}
            for each in self.slack.posted
            if each.channel == channel and each.thread_ts == below
        ]

    def users_info(self, _workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
        user = self.slack.users.get(given.get("user", ""))
        if user is None:
            raise Refused("user_not_found")
        name, email = user
        profile = {"real_name": name, "display_name": "", "email": email}
        return {"user": {"id": given["user"], "name": name.lower(), "profile": profile}}

    def files_getUploadURLExternal(
        self, _workspace: Workspace, given: dict[str, Any]
    ) -> dict[str, Any]:
        length = int(given.get("length", 0))
        if not given.get("filename") or length <= 0:
            raise Refused("invalid_arguments")
        file_id = self.slack.new_id("F")
        self.slack.pending[file_id] = {"name": given["filename"], "length": length, "content": None}
        return {"upload_url": f"{self.slack.url}/upload/v1/{file_id}", "file_id": file_id}

    def files_completeUploadExternal(
        self, workspace: Workspace, given: dict[str, Any]
    ) -> dict[str, Any]:
        channel = given.get("channel_id", "")
        if channel and (
            channel[:1] not in "CDG" or self.slack.place(workspace, channel) != channel
        ):
            raise Refused("invalid_channel")
        done = []
        for each in json.loads(given.get("files", "[]")):
            pending = self.slack.pending.get(each["id"])
            if pending is None or pending["content"] is None:
                raise Refused("file_not_found")
            done.append({"id": each["id"], "title": each.get("title", "")})
            self.slack.shared.append(
                Shared(channel, given.get("thread_ts") or "", pending["name"], pending["content"])
            )
        return {"files": done}

    def files_info(self, _workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("file") not in self.slack.files:
            raise Refused("file_not_found")
        return {"file": self.slack.file_object(given["file"])}


def file_path(file_id: str, name: str) -> str:
    """Return the path of a file's private URL."""
    return f"/files-pri/{file_id}/{quote(name)}"
