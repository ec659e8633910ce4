"""What the receiving server checked (RFC 8601), told from what a sender forged."""

import ipaddress
import re
from collections.abc import Collection

from .headers import Headers, split_outside

_BY = re.compile(r"\bby\s+\[?([^\s;()\]]{1,255})", re.IGNORECASE)
_RESULT = re.compile(r"^\s*(spf|dkim|dmarc)\s*(?:/\s*\d+)?\s*=\s*([a-z]{1,20})", re.IGNORECASE)
_LENGTH = 10_000


def authentication(headers: Headers, trusted_hosts: Collection[str]) -> dict[str, str]:
    """Return the results of spf, dkim and dmarc; empty where no trusted server gave any.

    The topmost Authentication-Results whose id is trusted counts, and only above the first
    Received line that a server not ours has written: all below came with the mail. Microsoft 365
    writes no id, so nothing of it can be trusted.
    """
    trusted = {host.strip().rstrip(".").lower() for host in trusted_hosts if host.strip()}
    for name, value in headers.fields:
        if name == "received" and not _is_ours(_without_comments(value[:_LENGTH]), trusted):
            return {}
        if name == "authentication-results":
            first, *results = split_outside(_without_comments(value[:_LENGTH]), ";")
            words = first.lower().split()
            if words and words[0].rstrip(".") in trusted:
                return _results(results)
    return {}


def _is_ours(received: str, trusted: set[str]) -> bool:
    match = _BY.search(received)
    if not match:
        return False
    host = match[1].rstrip(".").lower()
    if host == "localhost" or any(host == each or host.endswith(f".{each}") for each in trusted):
        return True
    try:
        address = ipaddress.ip_address(host.removeprefix("ipv6:"))
    except ValueError:
        return False
    # Google's servers hand mail on among themselves under 6to4 addresses of private ones.
    inner = address.sixtofour if isinstance(address, ipaddress.IPv6Address) else None
    return address.is_loopback or (inner or address).is_private


def _results(results: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for result in results:
        match = _RESULT.match(result)
        if match:
            method, value = match[1].lower(), match[2].lower()
            # Of several signatures one good one is enough (RFC 6376, 6.1).
            if found.get(method) != "pass":
                found[method] = value if value == "pass" else found.get(method, value)
    return found


def _without_comments(value: str) -> str:
    if "(" not in value:
        return value
    kept: list[str] = []
    depth, quoted = 0, False
    for character in value:
        if character == '"' and not depth:
            quoted = not quoted
        if quoted or character not in "()":
            if not depth:
                kept.append(character)
        elif character == "(":
            depth += 1
        else:
            depth = max(0, depth - 1)
    return "".join(kept)
