"""How an answer looks as a mail: plain text, and HTML that loads nothing and tracks nobody.

No colours of background or text: so that mail programs choose both, for light and for dark.
"""

from collections.abc import Sequence

from django.utils.html import conditional_escape, format_html, format_html_join, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe

from channels_adapters.email import wording
from chatbot.envelope import Citation, OutboundMessage

_BODY = (
    "margin:0;padding:16px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
    "font-size:16px;line-height:1.5"
)
_COLUMN = "max-width:600px;margin:0;overflow-wrap:break-word"
_SOURCES = (
    "margin:24px 0 0;padding:12px 0 0;border-top:1px solid #8888;font-size:14px;line-height:1.5"
)
_PAGE = """<!DOCTYPE html>
<html lang="{}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{}</title>
</head>
<body style="{}">
<div style="{}">
{}
{}
</div>
</body>
</html>
"""


def plain(message: OutboundMessage) -> str:
    """Return the text of a mail, with the sources at its end."""
    lines = [
        f"[{source.number}] {source.title}" + (f": {source.url}" if _address(source) else "")
        for source in message.citations
    ]
    parts = [message.text.strip()]
    if lines:
        parts.append("\n".join([f"{wording.sources()}:", *lines]))
    return "\n\n".join(parts) + "\n"


def page(message: OutboundMessage, title: str) -> str:
    """Return the HTML of a mail. `message.html` is the core's, sanitised there."""
    if message.html is not None:
        body = mark_safe(message.html)  # noqa: S308  sanitised by the core
    else:
        body = mark_safe(linebreaks(urlize(message.text.strip(), autoescape=True)))  # noqa: S308  urlize escapes
    sources = _sources(message.citations)
    return format_html(_PAGE, message.language or "en", title, _BODY, _COLUMN, body, sources)


def _sources(citations: Sequence[Citation]) -> SafeString:
    if not citations:
        return SafeString("")
    rows = format_html_join(
        SafeString("<br>\n"),
        "[{}] {}",
        ((source.number, _link(source)) for source in citations),
    )
    return format_html('<p style="{}">{}:<br>\n{}</p>', _SOURCES, wording.sources(), rows)


def _link(source: Citation) -> SafeString:
    if not _address(source):
        return SafeString(conditional_escape(source.title))
    return format_html('<a href="{}">{}</a>', source.url, source.title)


def _address(source: Citation) -> bool:
    return (source.url or "").lower().startswith(("https://", "http://"))
