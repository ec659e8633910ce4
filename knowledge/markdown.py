"""Markdown of answers to HTML that may be shown anywhere: nothing in it can run."""

import nh3
from markdown_it import MarkdownIt

_markdown = MarkdownIt("js-default", {"html": False, "linkify": False, "breaks": True}).disable(
    ["table"]
)
_TAGS = {"p", "ul", "ol", "li", "strong", "em", "code", "br", "blockquote", "h3", "h4", "a"}


def to_html(text: str) -> str:
    """Return `text` as sanitised HTML: p, lists, bold, links to http, https and mailto."""
    tokens = _markdown.parse(text)
    for token in tokens:
        if token.tag in ("h1", "h2"):
            token.tag = "h3"  # a bubble of a chat has no room for titles
    return nh3.clean(
        _markdown.renderer.render(tokens, _markdown.options, {}),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    ).strip()
