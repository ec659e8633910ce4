"""Answers as HTML that can be shown anywhere: what people write stays, what could run does not."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.markdown import to_html

TAGS = {"p", "ul", "ol", "li", "strong", "em", "code", "br", "blockquote", "h3", "h4", "a"}
ATTRIBUTES = {"a": {"href", "title", "target", "rel"}, "ol": {"start"}}
SCHEMES = re.compile(r"(https?://|mailto:)", re.IGNORECASE)

# From the OWASP XSS Filter Evasion Cheat Sheet, PortSwigger's XSS cheat sheet, and what is
# published about markdown renderers (cujanovic/Markdown-XSS-Payloads, CVE reports).
PAYLOADS = [
    # Links.
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](javascript://www.google.com%0Aalert(1))",
    "[a](javascript:window.onerror=alert;throw%201)",
    "[a](  javascript:alert(1))",
    "[a](<javascript:alert(1)>)",
    "[a](<java\tscript:alert(1)>)",
    "[a](java&Tab;script:alert(1))",
    "[a](java&NewLine;script:alert(1))",
    "[a](javascript&colon;alert(1))",
    "[a](javascript&#58;alert(1))",
    "[a](&#x6A;&#x61;&#x76;&#x61;&#x73;&#x63;&#x72;&#x69;&#x70;&#x74;&#x3A;alert(1))",
    "[a](&#1;javascript:alert(1))",
    "[a](\x01javascript:alert(1))",
    "[a](\u00a0javascript:alert(1))",
    "[a](\u200bjavascript:alert(1))",
    "[a](%6Aavascript:alert(1))",
    "[a](j\\a\\v\\a\\script:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[a](data:text/html,<script>alert(1)</script>)",
    "[a](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    "[a](vbscript:msgbox(1))",
    "[a](file:///etc/passwd)",
    "[a](blob:https://example.com/1)",
    "[a](//evil.example/x)",
    '[a](https://x.example "onmouseover=alert(1)")',
    '[a](https://x.example/"onclick="alert(1))',
    "[a](https://x.example/' onmouseover='alert(1))",
    '[" onclick="alert(1)](https://x.example)',
    "[a]: javascript:alert(1)\n\n[a]",
    "[a][b]\n\n[b]: <java&Tab;script:alert(1)> 'x'",
    "[![x](javascript:alert(1))](javascript:alert(2))",
    "[[a](javascript:alert(1))](https://x.example)",
    # Autolinks.
    "<javascript:alert(1)>",
    "<javascript&colon;alert(1)>",
    "<data:text/html,alert(1)>",
    "<https://x.example/\"onmouseover='alert(1)'>",
    "<mailto:a@x.example?body=<script>alert(1)</script>>",
    # Images.
    "![a](javascript:alert(1))",
    '![a](https://x.example/a.png "onerror=alert(1)")',
    '![a"onerror="alert(1)](x)',
    "![a](data:image/svg+xml,<svg onload=alert(1)>)",
    # Raw HTML.
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=`javascript:alert(1)`>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=1 onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=x onclick=alert(1)>x</a>",
    "<iframe src=javascript:alert(1)></iframe>",
    '<iframe srcdoc="<script>alert(1)</script>">',
    "<object data=data:text/html,alert(1)></object>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<input autofocus onfocus=alert(1)>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1);//<</script>",
    "<!--<img src=--><img src=x onerror=alert(1)//>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<x onclick=alert(1)>x</x>",
    "**<script>alert(1)</script>**",
    "> <img src=x onerror=alert(1)>",
    "- <img src=x onerror=alert(1)>",
    # Code.
    "`<script>alert(1)</script>`",
    "```\n<script>alert(1)</script>\n```",
    '```"onmouseover="alert(1)\nx\n```',
    "    <script>alert(1)</script>",
    # Entities of text.
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
]


class Reader(HTMLParser):
    """Reads HTML as a browser does: what becomes an element, with which attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)


def assert_harmless(html: str) -> None:
    """Check that nothing in `html` can run or call anywhere but by a click on a web link."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.others, html
    for tag, attributes in reader.elements:
        assert tag in TAGS, html
        assert set(attributes) <= ATTRIBUTES.get(tag, set()), html
        if "href" in attributes:
            # Browsers drop tabs, line breaks and leading controls before they look at a scheme.
            address = re.sub(r"[\t\n\r]|^[\x00-\x20]+", "", attributes["href"])
            assert SCHEMES.match(address), html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_is_written_can_run(payload: str) -> None:
    assert_harmless(to_html(payload))
    assert_harmless(to_html(f"Hello **you**,\n\n{payload}\n\n- one\n- {payload}"))


@given(st.text(alphabet="[]()<>!*_`#-&;:\"'\\/ \n\t=aijosx1.", max_size=60))
def test_no_mix_of_signs_can_run(text: str) -> None:
    assert_harmless(to_html(text))


@given(st.lists(st.sampled_from(PAYLOADS), min_size=2, max_size=4), st.sampled_from(["", "\n"]))
def test_no_mix_of_payloads_can_run(parts: list[str], between: str) -> None:
    assert_harmless(to_html(between.join(parts)))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Within 30 days.", "<p>Within 30 days.</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("**bold** and *slanted*", "<p><strong>bold</strong> and <em>slanted</em></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>'),
        ("> so they said", "<blockquote>\n<p>so they said</p>\n</blockquote>"),
        ("### Returns", "<h3>Returns</h3>"),
        ("Type `A-1`", "<p>Type <code>A-1</code></p>"),
        ("5 < 6 & 7 > 2", "<p>5 &lt; 6 &amp; 7 &gt; 2</p>"),
        ("Grüße, på gensyn, hejdå 👋", "<p>Grüße, på gensyn, hejdå 👋</p>"),
        ("<b>shown as it is</b>", "<p>&lt;b&gt;shown as it is&lt;/b&gt;</p>"),
        ("", ""),
    ],
)
def test_what_people_write_keeps_its_form(text: str, html: str) -> None:
    assert to_html(text) == html


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[shop](https://lund.example/a?b=1&c=2)", "https://lund.example/a?b=1&c=2"),
        ("[shop](http://lund.example/)", "http://lund.example/"),
        ("<https://lund.example/x>", "https://lund.example/x"),
        ("[write](mailto:hi@lund.example)", "mailto:hi@lund.example"),
        ("<hi@lund.example>", "mailto:hi@lund.example"),
        ("[shop][s]\n\n[s]: https://lund.example/", "https://lund.example/"),
    ],
)
def test_links_keep_working_and_open_beside_the_chat(text: str, address: str) -> None:
    reader = Reader()
    reader.feed(to_html(text))
    [link] = [attributes for tag, attributes in reader.elements if tag == "a"]
    assert link == {"href": address, "target": "_blank", "rel": "noopener nofollow"}


@pytest.mark.parametrize(
    "text",
    ["[a](/relative)", "[a](#here)", "[a](//x.example)", "![picture](https://lund.example/a.png)"],
)
def test_what_means_nothing_on_another_page_is_left_out(text: str) -> None:
    html = to_html(text)
    assert "href" not in html
    assert "<img" not in html


def test_titles_become_small_ones_and_tables_stay_text() -> None:
    assert to_html("# Delivery\n\nFast.") == "<h3>Delivery</h3>\n<p>Fast.</p>"
    assert "|" in to_html("| a | b |\n| --- | --- |\n| 1 | 2 |")
