"""Headers, parts, files and charsets."""

import base64
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from channels_adapters.email.reading import Address, read_mail

HEAD = b"From: Anna Berg <anna@KUNDE.example>\nTo: support@shop.example\nMIME-Version: 1.0\n"


def test_the_headers_say_who_wrote_to_whom_and_when() -> None:
    mail = read_mail(
        b"From: =?utf-8?q?J=C3=BCrgen_M=C3=BCller?= <j.mueller@Kunde.EXAMPLE>\n"
        b'To: "Berg, Ida" <support+r-abc@shop.example>, undisclosed:;\n'
        b"Cc: Hansen, Bo <bo@kunde.example>; eva@kunde.example (Eva)\n"
        b"Delivered-To: inbox@shop.example\nX-Original-To: help@shop.example\n"
        b"Reply-To: <buero@kunde.example>\nMessage-ID: <m-1@kunde.example>\n"
        b"In-Reply-To: <m-0@shop.example>\nReferences: <m-9@shop.example>\n\t<m-0@shop.example>\n"
        b"Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\n =?utf-8?B?w6bDuA==?=\n"
        b"Date: Tue, 3 Nov 2026 11:30:00 +0100 (CET)\n\nHallo\n"
    )
    assert mail.sender == Address("Jürgen Müller", "j.mueller@kunde.example")
    assert mail.to == (Address("Berg, Ida", "support+r-abc@shop.example"),)
    assert mail.cc == (
        Address("Hansen, Bo", "bo@kunde.example"),
        Address("Eva", "eva@kunde.example"),
    )
    assert mail.reply_to == (Address("", "buero@kunde.example"),)
    assert mail.message_id == "<m-1@kunde.example>"
    assert mail.in_reply_to == "<m-0@shop.example>"
    assert mail.references == ("<m-9@shop.example>", "<m-0@shop.example>")
    assert mail.subject == "Grüßeæø"
    assert mail.date == datetime(2026, 11, 3, 10, 30, tzinfo=UTC)
    assert set(mail.original_recipients) >= {
        "support+r-abc@shop.example", "inbox@shop.example", "help@shop.example",
    }  # fmt: skip


def test_a_character_cut_between_two_encoded_words_is_whole_again() -> None:
    assert read_mail(b"Subject: =?utf-8?q?s=C3?= =?utf-8?q?=B8?=\n\n").subject == "sø"


def test_names_cannot_turn_the_direction_of_what_follows() -> None:
    mail = read_mail(
        "From: \u202eAnna\u0000 <a@b.example>\nSubject: x\u2066y\ud800\n".encode(
            "utf-8", "surrogatepass"
        )
        + b"Content-Disposition: attachment; filename*=utf-8''..%2F%E2%80%AEgpj.exe\n"
        b"Content-Type: application/octet-stream\n\nx"
    )
    assert mail.sender.name == "Anna"
    assert "\u2066" not in mail.subject
    mail.subject.encode()
    assert mail.files[0].name == "gpj.exe"


@pytest.mark.parametrize(
    ("declared", "encoded"),
    [
        ("iso-8859-1", "“Æblegrød” – 5 €".encode("cp1252")),
        ("us-ascii", "“Æblegrød” – 5 €".encode("cp1252")),
        ("us-ascii", "“Æblegrød” – 5 €".encode()),
        ("iso-8859-1", "“Æblegrød” – 5 €".encode()),
        ("", "“Æblegrød” – 5 €".encode()),
        ("x-unknown", "“Æblegrød” – 5 €".encode()),
        ("utf-8", "“Æblegrød” – 5 €".encode("cp1252")),
        ("utf-16", "“Æblegrød” – 5 €".encode("utf-16")),
        ("windows-1252", "“Æblegrød” – 5 €".encode("cp1252")),
    ],
)
def test_a_charset_that_lies_does_not_spoil_the_text(declared: str, encoded: bytes) -> None:
    kind = f'Content-Type: text/plain; charset="{declared}"\n'.encode() if declared else b""
    raw = HEAD + kind + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(encoded)
    assert read_mail(raw).text == "“Æblegrød” – 5 €"


def test_flowed_lines_are_put_together_again() -> None:
    body = b"This is one long \nparagraph of \ntext.\n\n> quoted \n> line\n-- \nAnna\n"
    mail = read_mail(HEAD + b"Content-Type: text/plain; format=flowed\n\n" + body)
    assert mail.text == "This is one long paragraph of text."
    assert "> quoted line" in mail.full_text
    japanese = HEAD + b"Content-Type: text/plain; format=flowed; delsp=yes\n\n"
    assert read_mail(japanese + "日 \n本\n".encode()).text == "日本"


def test_files_keep_their_names_and_bytes() -> None:
    mail = EmailMessage()
    mail["From"] = "anna@kunde.example"
    mail.set_content("See the files.")
    mail.add_attachment(b"%PDF\r\n\x00", "application", "pdf", filename="Rechnung für März.pdf")
    mail.add_attachment(b"a;b\n", "text", "csv", filename="a" * 300 + ".csv")
    mail.add_attachment(b"\x78\x9f", "application", "ms-tnef", filename="winmail.dat")
    read = read_mail(bytes(mail))
    assert read.text == "See the files."
    assert [file.content_type for file in read.files] == [
        "application/pdf", "text/csv", "application/ms-tnef",
    ]  # fmt: skip
    assert read.files[0].name == "Rechnung für März.pdf"
    assert read.files[0].content == b"%PDF\r\n\x00"
    assert len(read.files[1].name) == 120
    assert read.files[1].name.endswith(".csv")


def test_names_are_read_in_all_the_ways_they_are_encoded() -> None:
    for header in (
        b'filename="=?utf-8?B?w6ZibGUucGRm?="',
        b"filename*=utf-8''%C3%A6ble.pdf",
        b"filename*0*=utf-8''%C3%A6b; filename*1=le.pdf",
        'filename="æble.pdf"'.encode(),
        b'filename="C:\\\\Users\\\\x\\\\=?iso-8859-1?q?=E6ble=2Epdf?="',
    ):
        raw = HEAD + b"Content-Type: application/pdf\nContent-Disposition: attachment; "
        assert read_mail(raw + header + b"\n\nx").files[0].name == "æble.pdf"


def test_pictures_in_the_text_are_named_by_their_content_id() -> None:
    mail = EmailMessage()
    mail["From"] = "anna@kunde.example"
    mail.set_content("Look [cid:pic@x] here")
    mail.add_alternative('<p>Look <img src="cid:pic@x" alt="it"> here</p>', subtype="html")
    html = mail.get_payload()[1]
    html.add_related(b"\x89PNG", "image", "png", cid="<pic@x>")
    read = read_mail(bytes(mail))
    assert read.files[0].is_inline
    assert read.files[0].content_id == "pic@x"
    assert 'data-cid="pic@x"' in read.html
    assert read.text.split() == ["Look", "here"]


def test_texts_around_a_picture_are_one_text() -> None:
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nBefore\n--b\n"
        b"Content-Type: image/png; name=x.png\nContent-Disposition: inline\n\n\x89\n"
        b"--b\nContent-Type: text/plain\n\nAfter\n--b--\n"
    )
    assert read_mail(raw).text.split() == ["Before", "After"]


def test_a_forwarded_mail_stays_a_file() -> None:
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "x@y.example", "Angebot: 5/6"
    inner.set_content("Inside")
    mail = EmailMessage()
    mail["From"] = "anna@kunde.example"
    mail.set_content("See below")
    mail.add_attachment(inner)
    read = read_mail(bytes(mail))
    assert read.text == "See below"
    assert read.files[0].name == "Angebot: 5-6.eml"
    assert b"Inside" in read.files[0].content


def test_an_invitation_is_a_file_and_a_line() -> None:
    calendar = (
        b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Visit\\, and\r\n  coffee\r\n"
        b"DTSTART:20261103T101200Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    read = read_mail(HEAD + b"Content-Type: text/calendar; method=REQUEST\n\n" + calendar)
    assert read.calendar == "REQUEST: Visit, and coffee, 2026-11-03 10:12 UTC"
    assert read.files[0].name == "file-1.ics"


def test_a_signed_mail_is_read_and_its_signature_kept() -> None:
    raw = (
        HEAD
        + b"Content-Type: multipart/signed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHi\n"
        b"--b\nContent-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN\n--b--\n"
    )
    read = read_mail(raw)
    assert read.text == "Hi"
    assert [file.name for file in read.files] == ["signature.asc"]


def test_text_that_is_signed_in_place_is_bare() -> None:
    raw = (
        HEAD + b"\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHi\n- -- \nAnna\n"
        b"-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"
    )
    assert read_mail(raw).text == "Hi"


def test_a_broken_structure_still_gives_its_text() -> None:
    parts = b"--b\nContent-Type: text/plain\n\nHi\n--b--\n"
    for raw in (
        HEAD + b"Content-Type: multipart/mixed; boundary=wrong\n\n" + parts,
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + parts[:-6],
        HEAD + b"Content-Type: multipart/mixed\n\nHi",
        HEAD + b"Content-Transfer-Encoding: base64\n\nHi there, this is plain.",
        HEAD + b"Content-Transfer-Encoding: x-uuencode\n\nHi there, this is plain.",
        HEAD + b"Content-Type: nonsense\n\nHi",
    ):
        mail = read_mail(raw)
        assert mail.text.startswith("Hi")
        assert mail.defects
    assert read_mail(HEAD + b"\n" + parts).text == "Hi"


def test_a_sender_is_found_where_from_says_none() -> None:
    mail = read_mail(b"From: nobody\nSender: Anna <anna@kunde.example>\n\nHi")
    assert mail.sender.email == "anna@kunde.example"
    assert "no_from" in mail.defects


def test_nothing_to_read_is_for_a_person() -> None:
    for raw in (b"", b"\x00" * 1000, b"\n\n\n", b"Subject: x\n\n"):
        mail = read_mail(raw)
        assert not mail.is_readable
        assert {"no_sender", "no_body"} <= set(mail.defects)


def test_text_that_is_too_long_is_cut_and_says_so() -> None:
    mail = read_mail(HEAD + b"Subject: " + b"s" * 1000 + b"\n\n" + b"word " * 50_000)
    assert len(mail.text) <= 100_000
    assert mail.is_truncated
    assert len(mail.subject) == 300
