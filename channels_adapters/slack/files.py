"""Files: fetched with the bot token from Slack's hosts alone, and uploaded.

Sources: docs.slack.dev/reference/objects/file-object and /messaging/working-with-files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import IO, TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.utils.translation import gettext as _

from channels_adapters.base import SendError
from channels_adapters.slack.client import SECONDS, refusal, refusals, web_client
from channels_adapters.slack.options import Options
from channels_adapters.slack.payloads import FileAnswer, UploadAnswer

if TYPE_CHECKING:
    from slack_sdk.web import WebClient

FILE_BYTES = 100 * 1024 * 1024  # a file is held in memory; Slack itself takes up to 1 GB


# --- In ---------------------------------------------------------------------------------------
def fetch(options: Options, reference: str) -> bytes:
    """Return the content of a file. Raises SendError.

    `reference` is its private URL, or `file:<id>` where only files.info knows that (files of
    another company in a shared channel).
    """
    kind, _colon, file_id = reference.partition(":")
    url = _located(options, file_id) if kind == "file" else reference
    if not options.serves(url):
        raise SendError(_("This file is not stored in Slack."), permanent=True)
    request = Request(url, headers={"Authorization": f"Bearer {options.bot_token}"})  # noqa: S310  # http or https: `serves` compares the scheme with the API's
    failed: SendError
    try:
        with build_opener(_StayHere).open(request, timeout=SECONDS) as response:
            content: bytes = response.read(FILE_BYTES + 1)
            headers: Message = response.headers
    except HTTPError as error:
        failed = _refused(error)
    except (OSError, HTTPException):
        failed = SendError(_("Slack could not be reached."), permanent=False)
    else:
        if len(content) > FILE_BYTES:
            raise SendError(_("The file is too large."), permanent=True)
        # Without the right to read files Slack answers with its login page, as a success. A file
        # that is a page itself comes as an attachment.
        if headers.get_content_type() == "text/html" and "attachment" not in str(
            headers.get("Content-Disposition", "")
        ):
            raise _unreadable()
        return content
    raise failed


class _StayHere(HTTPRedirectHandler):
    """Follows nothing: the token must not go anywhere else, and Slack redirects to its login."""

    def redirect_request(  # noqa: PLR0917  # urllib's own signature
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        return None


def _located(options: Options, file_id: str) -> str:
    with refusals():
        answer = web_client(options, options.bot_token).files_info(file=file_id)
        file = FileAnswer.model_validate(answer.data).file
    return file.url_private_download or file.url_private


def _refused(error: HTTPError) -> SendError:
    with error:
        if error.code == 429 or error.code >= 500:
            return refusal(error.code, "", str(error.headers.get("Retry-After", "")))
        if error.code in (404, 410):
            return refusal(error.code, "file_not_found")
        return _unreadable()


def _unreadable() -> SendError:
    return SendError(
        _(
            "Slack did not give the file to the bot. Add the permission files:read under “OAuth & "
            "Permissions” of your Slack app and install the app again."
        ),
        permanent=True,
    )


# --- Out --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that lies at Slack and is not yet shown to anybody."""

    id: str
    name: str


def upload(
    client: "WebClient", options: Options, contents: Sequence[tuple[str, bytes]]
) -> tuple[Uploaded, ...]:
    """Bring files, as name and content, to Slack, without showing them.

    Raises SendError and the SDK's errors.
    """
    return tuple(_uploaded(client, options, name, content) for name, content in contents)


def show(
    client: "WebClient", files: Sequence[Uploaded], *, channel: str, thread_ts: str | None
) -> None:
    """Show uploaded files in a conversation. Raises the SDK's errors."""
    client.files_completeUploadExternal(
        files=[{"id": each.id, "title": each.name} for each in files],
        channel_id=channel,
        thread_ts=thread_ts,
    )


def _uploaded(client: "WebClient", options: Options, name: str, content: bytes) -> Uploaded:
    answer = client.files_getUploadURLExternal(filename=name, length=len(content))
    place = UploadAnswer.model_validate(answer.data)
    if not options.serves(place.upload_url):
        raise SendError(_("This file is not stored in Slack."), permanent=True)
    request = Request(place.upload_url, data=content, method="POST")  # noqa: S310  # as in `fetch`
    request.add_header("Content-Type", "application/octet-stream")
    failed: SendError
    try:
        with build_opener(_StayHere).open(request, timeout=SECONDS) as response:
            response.read(1_000)
            return Uploaded(place.file_id, name)
    except HTTPError as error:
        with error:
            # Whatever it is, the next attempt has another address.
            status = 429 if error.code == 429 else 500
            failed = refusal(status, "", str(error.headers.get("Retry-After", "")))
    raise failed
