"""Formatting that agents and articles write, as Slack shows it."""

from typing import Any

import pytest

from channels_adapters.slack.adapter import SlackAdapter
from tests.channels_adapters.slack.server import SlackServer
from tests.channels_adapters.slack.test_sending import message


def text(value: str, *styles: str) -> dict[str, Any]:
    style = {"style": dict.fromkeys(styles, True)} if styles else {}
    return {"type": "text", "text": value, **style}


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def link(url: str, label: str = "", *styles: str) -> dict[str, Any]:
    shown = {"text": label} if label else {}
    style = {"style": dict.fromkeys(styles, True)} if styles else {}
    return {"type": "link", "url": url, **shown, **style}


@pytest.mark.parametrize(
    ("html", "parts"),
    [
        ("<p>Hello</p>", [section(text("Hello"))]),
        ("<p>One</p>\n<p>Two</p>\n", [section(text("One"), text("\n\n"), text("Two"))]),
        (
            "<p>a <strong>b <em>c</em></strong> <code>d*e</code></p>",
            [
                section(
                    text("a "),
                    text("b ", "bold"),
                    text("c", "bold", "italic"),
                    text(" "),
                    text("d*e", "code"),
                )
            ],
        ),
        ("one<br>two", [section(text("one"), text("\n"), text("two"))]),
        ("1 &lt; 2 &amp; *3*", [section(text("1 < 2 & *3*"))]),
        (
            '<a href="https://shop.example/a?b=1&amp;c=2">the page</a>',
            [section(link("https://shop.example/a?b=1&c=2", "the page"))],
        ),
        (
            '<b><a href="mailto:a@example.org">us</a></b>',
            [section(link("mailto:a@example.org", "us", "bold"))],
        ),
        ('<a href="javascript:alert(1)">no</a>', [section(text("no"))]),
        ("a<script>alert(1)</script>b", [section(text("a"), text("b"))]),
        ("<h3>Title</h3><p>Text</p>", [section(text("Title", "bold"), text("\n\n"), text("Text"))]),
        (
            "<ul>\n<li>one</li>\n<li><p>two</p></li>\n</ul>",
            [
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "indent": 0,
                    "elements": [section(text("one")), section(text("two"))],
                }
            ],
        ),
        (
            '<ol start="3"><li>a<ul><li>b</li></ul></li><li>c</li></ol>',
            [
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "indent": 0,
                    "offset": 2,
                    "elements": [section(text("a"))],
                },
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "indent": 1,
                    "elements": [section(text("b"))],
                },
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "indent": 0,
                    "offset": 3,
                    "elements": [section(text("c"))],
                },
            ],
        ),
        (
            "<blockquote><p>said</p></blockquote><p>yes</p>",
            [{"type": "rich_text_quote", "elements": [text("said")]}, section(text("yes"))],
        ),
        (
            "<pre><code>a  b\n  c</code></pre>",
            [{"type": "rich_text_preformatted", "elements": [text("a  b\n  c")]}],
        ),
    ],
)
def test_html_is_shown_with_its_formatting(
    slack: SlackServer, adapter: SlackAdapter, html: str, parts: list[Any]
) -> None:
    adapter.send(message("plain", html=html))
    assert slack.posted[0].blocks == [{"type": "rich_text", "elements": parts}]
    assert slack.posted[0].text == "plain"


@pytest.mark.parametrize("html", ["", "<p></p>", "<p> <br> </p>", "<ul><li></li></ul>", "<!-- -->"])
def test_html_without_text_gives_way_to_the_text(
    slack: SlackServer, adapter: SlackAdapter, html: str
) -> None:
    adapter.send(message("plain", html=html))
    assert slack.posted[0].seen == "plain"


@pytest.mark.parametrize(
    "html", ["<p>a<b>b", "</b>a</ul></li>", "<a>a</a>", "a &unknown; <", "<li>a"]
)
def test_html_that_is_broken_is_sent_all_the_same(
    slack: SlackServer, adapter: SlackAdapter, html: str
) -> None:
    adapter.send(message("plain", html=html))
    assert "a" in slack.posted[0].seen


def test_addresses_in_plain_text_are_links(slack: SlackServer, adapter: SlackAdapter) -> None:
    adapter.send(message("See https://shop.example/a_b?c=1 (or http://b.example/). Bye"))
    [block] = slack.posted[0].blocks
    assert block["elements"] == [
        section(
            text("See "),
            link("https://shop.example/a_b?c=1"),
            text(" (or "),
            link("http://b.example/"),
            text("). Bye"),
        )
    ]
