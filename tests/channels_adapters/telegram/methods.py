"""The methods of the Bot API that the server has (https://core.telegram.org/bots/api)."""

import re
import time
from typing import TYPE_CHECKING, Any

from tests.channels_adapters.telegram.markup import MarkupError, found_entities, read_html, units
from tests.channels_adapters.telegram.wire import ApiError, Call, Upload

if TYPE_CHECKING:
    from tests.channels_adapters.telegram.server import TelegramServer

_DOWNLOAD = 20 * 1024 * 1024
_UPLOAD = {"photo": 10 * 1024 * 1024, "document": 50 * 1024 * 1024}


class Methods:
    """Calls of methods upon the state of a server."""

    def __init__(self, server: "TelegramServer") -> None:
        self._server = server

    def answer(self, call: Call) -> Any:
        """Return the result. Raises ApiError."""
        if not re.fullmatch(r"\d+:[\w-]{30,}", call.token):
            raise ApiError(404, "Not Found")
        if call.token != self._server.token:
            raise ApiError(401, "Unauthorized")
        # Names of methods are read without regard to case.
        method = getattr(self, f"_{call.method.lower()}", None)
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        return method(call)

    def _getme(self, call: Call) -> Any:
        return {
            **self._server.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def _setwebhook(self, call: Call) -> bool:
        url, secret = call.values.get("url", ""), call.values.get("secret_token", "")
        if url and not self._server.is_local and not url.startswith("https://"):
            raise ApiError(
                400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
            )
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        self._server.set_webhook(
            url, secret, call.values.get("allowed_updates"), call.values.get("max_connections", 40)
        )
        if call.values.get("drop_pending_updates"):
            self._server.drop()
        return True

    def _deletewebhook(self, call: Call) -> bool:
        self._server.set_webhook("", "", None, 40)
        if call.values.get("drop_pending_updates"):
            self._server.drop()
        return True

    def _getwebhookinfo(self, call: Call) -> Any:
        hook = self._server.hook
        info: dict[str, Any] = {
            "url": hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._server.pending),
        }
        if hook.url:
            info |= {"max_connections": hook.max_connections}
        if hook.last_error:
            info |= {"last_error_date": hook.last_error_at, "last_error_message": hook.last_error}
        return info

    def _getupdates(self, call: Call) -> Any:
        values = call.values
        return self._server.get_updates(
            values.get("offset"),
            min(int(values.get("limit") or 100), 100),
            float(values.get("timeout") or 0),
            values.get("allowed_updates"),
        )

    def _sendmessage(self, call: Call) -> Any:
        chat = self._chat(call)
        text, entities = self._text(call, "text", 4096)
        if not text.strip():
            raise ApiError(400, "Bad Request: message text is empty")
        options = call.values.get("link_preview_options") or {}
        previews = not options.get("is_disabled", False)
        return self._show(call, chat, previews, text=text, entities=entities)

    def _sendphoto(self, call: Call) -> Any:
        return self._send_file(call, "photo")

    def _senddocument(self, call: Call) -> Any:
        return self._send_file(call, "document")

    def _send_file(self, call: Call, kind: str) -> Any:
        chat = self._chat(call)
        upload = call.file(kind)
        if isinstance(upload, str):
            raise ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        if len(upload.content) > _UPLOAD[kind]:
            raise ApiError(413, "Request Entity Too Large")
        if not upload.content:
            raise ApiError(400, "Bad Request: file must be non-empty")
        if kind == "photo" and not _is_picture(upload):
            raise ApiError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        caption, entities = self._text(call, "caption", 1024)
        file = self._server.keep(upload.content, upload.name)
        body: dict[str, Any] = {
            "document": {**file, "file_name": upload.name, "mime_type": upload.content_type}
        }
        if kind == "photo":
            body = {"photo": [{**file, "width": 100, "height": 100}]}
        if caption:
            body |= {"caption": caption, "caption_entities": entities}
        return self._show(call, chat, True, upload=upload, **body)

    def _sendchataction(self, call: Call) -> bool:
        chat = self._chat(call)
        self._server.typing.append(chat["id"])
        return True

    def _answercallbackquery(self, call: Call) -> bool:
        query = str(call.values.get("callback_query_id"))
        if not self._server.stop_spinning(query):
            raise ApiError(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        return True

    def _editmessagetext(self, call: Call) -> Any:
        chat = self._chat(call)
        text, entities = self._text(call, "text", 4096)
        message = self._server.find(chat["id"], int(call.values["message_id"]))
        if message is None or message["from"]["id"] != self._server.bot["id"]:
            raise ApiError(400, "Bad Request: message to edit not found")
        markup = _keyboard(call.values.get("reply_markup"))
        if message.get("text") == text and message.get("reply_markup") == markup:
            raise ApiError(400, "Bad Request: message is not modified")
        message.pop("reply_markup", None)
        message |= {"text": text, "entities": entities, "edit_date": int(time.time())}
        if markup:
            message["reply_markup"] = markup
        self._server.note_edit(message)
        return message

    def _getfile(self, call: Call) -> Any:
        found = self._server.files.get(str(call.values.get("file_id")))
        if found is None:
            raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if found["file_size"] > _DOWNLOAD:
            raise ApiError(400, "Bad Request: file is too big")
        return found

    def _chat(self, call: Call) -> dict[str, Any]:
        chat_id = call.values.get("chat_id")
        try:
            number = int(str(chat_id))
        except ValueError:
            number = 0
        server = self._server
        if number in server.migrated:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=server.migrated[number],
            )
        chat = server.chats.get(number)
        if chat is None:
            raise ApiError(400, "Bad Request: chat not found")
        if number in server.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if number in server.deactivated:
            raise ApiError(403, "Forbidden: user is deactivated")
        if call.values.get("message_thread_id") and not chat.get("is_forum"):
            raise ApiError(400, "Bad Request: message thread not found")
        return chat

    def _text(self, call: Call, name: str, longest: int) -> tuple[str, list[dict[str, Any]]]:
        text, entities = str(call.values.get(name) or ""), []
        mode = call.values.get("parse_mode")
        if mode and mode.lower() == "html":
            try:
                text, entities = read_html(text)
            except MarkupError as error:
                raise ApiError(400, f"Bad Request: can't parse entities: {error}") from error
        elif mode:
            raise ApiError(400, "Bad Request: unsupported parse_mode")
        if units(text) > longest:
            what = "message" if name == "text" else "message caption"
            raise ApiError(400, f"Bad Request: {what} is too long")
        return text, entities + [e for e in found_entities(text) if e not in entities]

    def _show(
        self,
        call: Call,
        chat: dict[str, Any],
        previews: bool,
        upload: Upload | None = None,
        **body: Any,
    ) -> Any:
        markup = _keyboard(call.values.get("reply_markup"))
        self._server.flood(chat["id"])
        if markup:
            body["reply_markup"] = markup
        thread = call.values.get("message_thread_id")
        if thread:
            body |= {"message_thread_id": thread, "is_topic_message": True}
        message = self._server.new_message(chat, self._server.bot, **body)
        self._server.show(message, upload, previews)
        return message


def _keyboard(markup: Any) -> Any:
    """Return an inline keyboard. Raises ApiError."""
    for row in (markup or {}).get("inline_keyboard", []):
        for button in row:
            if not button.get("text"):
                raise ApiError(400, "Bad Request: inline keyboard button text must be non-empty")
            data = button.get("callback_data")
            if data is not None and not 1 <= len(data.encode()) <= 64:
                raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return markup or None


def _is_picture(upload: Upload) -> bool:
    return upload.content.startswith((b"\x89PNG", b"\xff\xd8\xff", b"RIFF"))
