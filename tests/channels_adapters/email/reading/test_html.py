"""What people see of a mail's HTML."""

import re
from email.message import EmailMessage

import pytest

from channels_adapters.email.reading import read_mail

EVIL = "https://evil.example"
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    f"<iframe src='{EVIL}'></iframe>",
    "<form action=/x><input name=a></form>",
    "<math><mi xlink:href='data:x,<script>alert(1)</script>'></math>",
    f"<p style='position:fixed;background:url({EVIL})'>x</p>",
    "<style>p{background:url(https://evil.example)}</style>",
    f"<base href='{EVIL}'>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    f"<img srcset='{EVIL}/x 1x'>",
    f"<table background='{EVIL}'>",
    f"<video src='{EVIL}'></video>",
    "<img data-remote='javascript:alert(1)'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a name='location' id='csrf' class='unfold'>x</a>",
    f"<link rel=stylesheet href={EVIL}>",
    f"<meta http-equiv=refresh content='0;url={EVIL}'>",
    "<object data=x>",
    "<!--[if mso]><script>",
    "<a href='//evil.example'>x</a>",
    "<a href='/admin/logout'>x</a>",
    "<template><script>alert(1)</script>",
    "<td colspan=100000000>x</td>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
]
BAD = (
    "<script", "<img src", " onerror", " onload=", " src=", "srcset", "javascript:", "style",
    "<iframe", "<form", "<input", "<svg", "<math", " id=", " class=", " name=", "data:", "<base",
    "<link", "<meta", "url(", "background", 'href="/', "100000000",
)  # fmt: skip


def _html(html: str) -> str:
    mail = EmailMessage()
    mail["From"] = "anna@kunde.example"
    mail.set_content(html, subtype="html")
    return read_mail(bytes(mail)).html


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_runs_loads_or_hides(attack: str) -> None:
    shown = _html(f"<p>Hello</p>{attack}").lower()
    assert "hello" in shown
    tags = " ".join(re.findall("<[^>]*>", shown))
    assert [bad for bad in BAD if bad in tags] == []


def test_remote_pictures_keep_their_place_and_words() -> None:
    shown = _html('<img src="https://shop.example/a.png?u=1&amp;v=2" alt="Lamp" width="40">')
    assert 'data-remote="https://shop.example/a.png?u=1&amp;v=2"' in shown
    assert 'alt="Lamp"' in shown
    assert 'width="40"' in shown


def test_links_lead_out_without_telling_from_where() -> None:
    shown = _html('<a href="https://shop.example/">x</a><a href="tel:+4512345678">y</a>')
    assert shown.count('rel="noopener noreferrer nofollow"') == 2


def test_a_mail_without_html_has_none() -> None:
    assert read_mail(b"From: a@b.example\n\n<b>Hi</b>").html == ""


def test_depth_costs_no_time_and_no_words() -> None:
    assert "deep" in _html("<div>" * 30_000 + "deep")
