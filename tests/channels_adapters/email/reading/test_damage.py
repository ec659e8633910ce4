"""Whatever the bytes are, reading them ends soon and well."""

import dataclasses
import time

import pytest

from channels_adapters.email.reading import Mail, MailFile, read_mail

from .__main__ import is_lost
from .fuzzing import damaged

HEAD = b"From: anna@kunde.example\nMIME-Version: 1.0\n"
PDF = b"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
MEGABYTE = 1 << 20


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for item in value for text in _strings(item)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return [text for field in fields for text in _strings(getattr(value, field.name))]
    return []


def _check(mail: Mail) -> None:
    assert "failed" not in mail.defects
    assert not is_lost(mail)
    for text in _strings(mail):
        text.encode()  # no half surrogate pairs
        assert "\0" not in text
    for line in (mail.subject, mail.sender.name, *(file.name for file in mail.files)):
        assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\n\r")


def test_damaged_mails_are_read_or_marked_unreadable() -> None:
    for raw in damaged(150):
        _check(read_mail(raw))


def _nested(count: int) -> bytes:
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(count)
    )


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + _nested(2000),
        HEAD + b"Content-Type: message/rfc822\n\nFrom: a@b.example\n" * 2000,
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000,
        HEAD + b"X-A: b\n" * 100_000 + b"\nHi",
        HEAD + b"To: " + b"(" * 200_000 + b"\n\nHi",
        HEAD + b"Content-Type: text/html\n\n" + b"<blockquote>x" * 30_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<b><i><a href=x>" * 20_000,
        HEAD + b"\n" + b"From: a@b\n" * 100_000,
        HEAD + b"\n" + b"On Tue 3 Nov 2026 10:12 a@b wrote\n" * 20_000,
        HEAD + b"\n" + b"Best regards\n-- \n" * 30_000,
        HEAD + b"\n" + b"> " * MEGABYTE,
        HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * MEGABYTE,
        HEAD + PDF + b"=a" * MEGABYTE,
        HEAD + b"Subject: " + b"=?utf-8?q?=C3?= " * 50_000 + b"\n\nHi",
        HEAD + b"Content-Type: text/plain" + b"; a*0*=x" * 100_000 + b"\n\nHi",
    ],
    ids=range(15),
)  # fmt: skip
def test_no_bomb_takes_long(raw: bytes) -> None:
    began = time.process_time()
    _check(read_mail(raw))
    assert time.process_time() - began < 5


def test_a_mail_of_25_megabytes_is_read_in_seconds() -> None:
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the film.\n--b\n"
        b"Content-Type: video/mp4; name=film.mp4\nContent-Transfer-Encoding: base64\n\n"
        + (b"QUJD" * 18 + b"\n") * (25 * MEGABYTE // 73)
        + b"--b--\n"
    )
    began = time.process_time()
    mail = read_mail(raw)
    assert time.process_time() - began < 5
    assert mail.text == "See the film."
    assert [(file.name, len(file.content)) for file in mail.files] == [
        ("film.mp4", 54 * (25 * MEGABYTE // 73))
    ]


def test_an_error_of_ours_leaves_the_mail_to_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> tuple[MailFile, ...]:
        raise MemoryError

    monkeypatch.setattr("channels_adapters.email.reading.read_content", broken)
    mail = read_mail(HEAD + b"\nHi")
    assert not mail.is_readable
    assert mail.defects == ("failed", "MemoryError")
