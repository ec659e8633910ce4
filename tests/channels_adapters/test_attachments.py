"""A customer's pictures: up, with a message, and before nobody's eyes but those they are for."""

import io
import os
import stat
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image

from tests.world import Agent, Server, Visitor

NewVisitor = Callable[..., Visitor]
NewAgent = Callable[[str], Agent]
UPLOAD = "/api/v1/widget/attachments"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, kind)
    return written.getvalue()


def upload(visitor: Visitor, content: bytes | None = None, name: str = "bowl.png") -> Any:
    """Upload a picture; return the answer."""
    content = picture() if content is None else content
    return visitor.http.post(UPLOAD, files={"file": (name, content, "image/png")})


def uploaded(visitor: Visitor, **more: Any) -> Any:
    answer = upload(visitor, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def files_of_all() -> set[Path]:
    return {path for path in Path(settings.ATTACHMENTS_DIR).rglob("*") if path.is_file()}


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_picture_goes_up_and_comes_back_clean(visitor: NewVisitor) -> None:
    anna = visitor()
    part = uploaded(anna, content=picture() + b"<script>trailing</script>", name="my bowl.php")
    assert part | {"size": 0} == {
        "id": part["id"],
        "name": "my bowl.png",
        "content_type": "image/png",
        "size": 0,
        "width": 40,
        "height": 30,
        "url": f"{UPLOAD}/{part['id']}",
    }
    back = anna.http.get(part["url"])
    assert back.status_code == 200
    assert len(back.content) == part["size"]
    assert b"script" not in back.content
    assert back.headers["content-type"] == "image/png"
    assert back.headers["content-disposition"] == 'inline; filename="my bowl.png"'
    assert back.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in back.headers["content-security-policy"]
    assert back.headers["cache-control"].startswith("private")
    assert "Authorization" in back.headers["vary"]


def test_a_file_is_for_the_server_alone_and_its_name_says_nothing(visitor: NewVisitor) -> None:
    before = files_of_all()
    uploaded(visitor(), name="../../etc/passwd.png")
    (new,) = files_of_all() - before
    assert stat.S_IMODE(os.stat(new).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(new.parent).st_mode) == 0o700
    assert "passwd" not in str(new)


def test_a_picture_is_only_for_its_visitor_and_for_agents_once_it_is_sent(
    visitor: NewVisitor, agent: NewAgent, server: Server
) -> None:
    anna, bo, mette = visitor(), visitor(), agent("mette")
    part = uploaded(anna)
    for_agents = part["url"].replace("widget", "inbox")
    assert bo.http.get(part["url"]).status_code == 404
    assert httpx.get(server.url + part["url"]).status_code == 401
    assert mette.http.get(part["url"]).status_code == 401
    assert mette.http.get(for_agents).status_code == 404, "it was not sent yet"
    anna.say("Look at this", attachments=[part["id"]])
    anna.sockets[0].next("ack")
    assert mette.http.get(for_agents).status_code == 200
    assert bo.http.get(part["url"]).status_code == 404
    assert httpx.get(server.url + for_agents).status_code in (401, 403)
    assert anna.http.get(for_agents).status_code in (401, 403)


def test_a_message_carries_its_pictures_to_all_who_read_it(
    visitor: NewVisitor, agent: NewAgent
) -> None:
    anna, mette = visitor(), agent("mette")
    inbox = mette.open()
    first, second = anna.open(), anna.open()
    parts = [uploaded(anna), uploaded(anna, content=picture("JPEG"), name="error.jpg")]
    ids = [part["id"] for part in parts]
    anna.say("My bowl came broken", first, attachments=ids)
    recorded = first.next("ack")["message"]
    assert recorded["attachments"] == parts
    assert second.message("contact")["attachments"] == parts
    assert anna.messages()[0]["attachments"] == parts
    seen = inbox.next("message", lambda e: e["message"]["id"] == recorded["id"])
    assert [a["id"] for a in seen["message"]["attachments"]] == ids
    thread = mette.get(f"conversations/{seen['conversation']}/messages")["messages"]
    assert [a["url"] for a in thread[0]["attachments"]] == [
        f"/api/v1/inbox/attachments/{pk}" for pk in ids
    ]


def test_a_picture_says_enough_without_words(visitor: NewVisitor, agent: NewAgent) -> None:
    anna, mette = visitor(), agent("mette")
    part = uploaded(anna)
    body = {"client_id": uuid.uuid4().hex, "text": " ", "attachments": [part["id"]]}
    answer = anna.http.post("/api/v1/widget/messages", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["message"]["text"] == ""
    again = anna.http.post("/api/v1/widget/messages", json=body)
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert again.json()["message"]["attachments"] == [part]
    # No dead end: the bot, who sees nothing, says so or brings a person.
    socket = anna.open()
    socket.send({"type": "sync"})
    known = [m["author"]["kind"] for m in socket.next("history")["messages"]]
    assert "bot" in known or "system" in known or socket.message("bot")
    assert mette.get("conversations", view="all")["results"]


@pytest.mark.parametrize("text", ["", "hello"])
def test_only_ones_own_unsent_pictures_can_be_sent(visitor: NewVisitor, text: str) -> None:
    anna, bo = visitor(), visitor()
    theirs, own = uploaded(bo)["id"], uploaded(anna)["id"]
    anna.open()
    for ids in ([theirs], [own, theirs], [own, own], [2**62]):
        client_id = anna.say(text, attachments=ids)
        error = anna.sockets[0].next("error")
        assert (error["code"], error["client_id"]) == ("invalid_event", client_id)
        answer = anna.http.post(
            "/api/v1/widget/messages",
            json={"client_id": client_id, "text": text, "attachments": ids},
        )
        assert error_of(answer) == (400, "invalid_event")
    assert anna.messages() == []
    anna.say(text, attachments=[own])
    anna.sockets[0].next("ack")
    anna.say("again", attachments=[own])
    assert anna.sockets[0].next("error")["code"] == "invalid_event"


def test_six_pictures_are_too_many(visitor: NewVisitor) -> None:
    anna = visitor()
    anna.say("", attachments=[1, 2, 3, 4, 5, 6])
    assert anna.sockets[0].next("error")["code"] == "invalid_event"
    anna.say("", attachments=[])
    assert anna.sockets[0].next("error")["code"] == "empty"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"%PDF-1.7 an invoice", 415, "unsupported"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported"),
        (b"\x00\x00\x00\x18ftypheic", 415, "unsupported"),
        (picture()[:60], 400, "unreadable"),
        (b"\0" * (10 * 1024**2 + 1), 413, "too_large"),
        (b"\0" * (11 * 1024**2), 413, "too_large"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(
    visitor: NewVisitor, content: bytes, status: int, code: str
) -> None:
    before = files_of_all()
    answer = upload(visitor(), content=content)
    assert error_of(answer) == (status, code)
    assert answer.json()["error"]["detail"]
    assert files_of_all() == before


def test_other_forms_are_refused_in_the_form_of_all_errors(visitor: NewVisitor) -> None:
    anna = visitor()
    two = [("file", ("a.png", picture())), ("file", ("b.png", picture()))]
    assert error_of(anna.http.post(UPLOAD, files=two))[0] == 400
    assert error_of(anna.http.post(UPLOAD, files={"other": ("a.png", picture())}))[0] == 400
    assert error_of(anna.http.post(UPLOAD, data={"file": "text"}))[0] == 415
    assert error_of(anna.http.post(UPLOAD, json={"file": "text"}))[0] == 415
    for path in ("/api/v1/widget/messages", "/api/v1/widget/session"):
        answer = anna.http.post(path, files={"file": ("a.png", picture())})
        assert error_of(answer)[0] == 415, path
    many = [(f"file{n}", (f"{n}.png", b"x")) for n in range(150)]
    assert error_of(anna.http.post(UPLOAD, files=many))[0] == 400


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_broken_form_is_refused_in_the_form_of_all_errors(
    visitor: NewVisitor, agent: NewAgent, kind: str
) -> None:
    anna, mette = visitor(), agent("mette")
    for http, path in (
        (anna.http, UPLOAD),
        (anna.http, "/api/v1/widget/messages"),
        (mette.http, "/api/v1/inbox/conversations/1/reply"),
    ):
        answer = http.post(path, content=b"--nothing", headers={"Content-Type": kind})
        assert error_of(answer)[0] in (400, 415), path


def test_a_visitor_has_a_quota_also_with_many_hands(visitor: NewVisitor) -> None:
    anna = visitor()
    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(lambda _: upload(anna), range(24)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 20 + [429] * 4
    refusal = next(answer for answer in answers if answer.status_code == 429)
    assert refusal.json()["error"]["retry_after"] > 0
    unsent = next(answer for answer in answers if answer.status_code == 201).json()
    assert anna.http.delete(unsent["url"]).status_code == 204
    assert upload(anna).status_code == 201


def test_a_picture_can_be_discarded_until_it_is_sent(visitor: NewVisitor) -> None:
    anna, bo = visitor(), visitor()
    before = files_of_all()
    part = uploaded(anna)
    assert bo.http.delete(part["url"]).status_code == 404
    assert anna.http.delete(part["url"]).status_code == 204
    assert anna.http.get(part["url"]).status_code == 404
    assert files_of_all() == before
    sent = uploaded(anna)
    anna.say("Look", attachments=[sent["id"]])
    anna.sockets[0].next("ack")
    assert error_of(anna.http.delete(sent["url"])) == (409, "conflict")


def test_what_was_never_sent_goes_after_a_day_with_its_file(visitor: NewVisitor) -> None:
    from chatbot.conversations.attachments import remove_unsent
    from chatbot.conversations.models import Attachment

    anna = visitor()
    before = files_of_all()
    old, fresh, sent = (uploaded(anna)["id"] for _ in range(3))
    anna.say("Look", attachments=[sent])
    anna.sockets[0].next("ack")
    Attachment.objects.filter(pk__in=[old, sent]).update(
        created_at=timezone.now() - timedelta(days=1, minutes=1)
    )
    assert remove_unsent() == 1
    left = set(Attachment.objects.filter(identity__attachments=fresh).values_list("pk", flat=True))
    assert left == {fresh, sent}
    assert len(files_of_all() - before) == 2
    Attachment.objects.get(pk=sent).message.delete()  # type: ignore[union-attr]
    assert len(files_of_all() - before) == 1


def test_a_picture_whose_file_is_gone_is_not_found(visitor: NewVisitor) -> None:
    anna = visitor()
    before = files_of_all()
    part = uploaded(anna)
    for path in files_of_all() - before:
        path.unlink()
    assert error_of(anna.http.get(part["url"])) == (404, "not_found")


def test_pages_of_listed_websites_may_upload(visitor: NewVisitor, server: Server) -> None:
    anna = visitor()
    allowed = anna.http.options(
        UPLOAD,
        headers={
            "Origin": server.url,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    assert allowed.status_code == 200
    answer = anna.http.post(
        UPLOAD, files={"file": ("a.png", picture())}, headers={"Origin": "https://evil.example"}
    )
    assert error_of(answer) == (403, "origin")
    assert "access-control-allow-origin" not in answer.headers
