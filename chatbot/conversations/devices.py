"""What a User-Agent header tells of a visitor's device."""

from ua_parser import parse


def system_and_browser(user_agent: str) -> tuple[str, str]:
    """Return the operating system and the browser that `user_agent` names, "" for neither."""
    if not user_agent:
        return "", ""
    parsed = parse(user_agent)
    system, browser = parsed.os, parsed.user_agent
    return (
        " ".join(filter(None, [system.family, system.major])) if system else "",
        " ".join(filter(None, [browser.family, browser.major])) if browser else "",
    )
