"""Slack's own markup of text: taken out of what comes, escaped in what goes.

Source: docs.slack.dev/messaging/formatting-message-text.
"""

import re

_MARKED = re.compile(r"<([^<>\n]+)>")
_CHANNELS_AND_USERS = ("#", "@")


def plain(text: str) -> str:
    """Return what people read: `<@U1|ida>` as @ida, links as their label and address.

    Emoji stay as :name:.
    """
    return _unescaped(_MARKED.sub(lambda found: _read(found[1]), text))


def without_mention(text: str, user_id: str) -> str:
    """Return Slack's `text` without mentions of a user; empty `user_id`: as it is."""
    if not user_id:
        return text
    bare = re.sub(rf"\s?<@{re.escape(user_id)}(?:\|[^<>]*)?>", "", text)
    return bare.lstrip(" :,") if bare != text else text


def mentions(text: str, user_id: str) -> bool:
    """Return whether Slack's `text` mentions a user."""
    return bool(user_id) and (f"<@{user_id}>" in text or f"<@{user_id}|" in text)


def escaped(text: str) -> str:
    """Return `text` for a `text` field or mrkdwn: these three characters and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """Return a link in mrkdwn; a bar or bracket must end neither of its halves."""
    target = escaped(url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E"))
    return f"<{target}|{escaped(label.replace('|', '¦'))}>"


def _read(inner: str) -> str:
    target, bar, label = inner.partition("|")
    if target.startswith(_CHANNELS_AND_USERS):
        return target[0] + (label or target[1:])
    if target.startswith("!"):
        # <!here>, <!subteam^S1|@group>, <!date^1392734382^{date}|18 February>
        return label or "@" + target[1:].partition("^")[0]
    scheme, colon, rest = target.partition(":")
    if colon and scheme in ("mailto", "tel"):
        return label or rest
    if not bar or not label or label == target or label == rest.removeprefix("//").rstrip("/"):
        return label or target
    return f"{label} ({target})"


def _unescaped(text: str) -> str:
    # & last: "&amp;lt;" is how somebody's "&lt;" is written.
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
