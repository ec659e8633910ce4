"""Fetches a public page by its address, as a stranger on the internet would, and no other.

Addresses come from editors and from redirects of foreign servers; a server that asks them
unchecked can be made to read its own network ("server-side request forgery", OWASP SSRF
Prevention Cheat Sheet). Checks are repeated for every redirect.
"""

import functools
import re
import ssl
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

import httpcore2
import httpx2
from django.utils.translation import gettext_noop as _

from knowledge.sources.connections import Deadline, PublicBackend, checked_addresses
from knowledge.sources.documents import media_type_of
from knowledge.sources.failures import Refused, TooLarge, Unreachable, UnsupportedType
from knowledge.sources.robots import PRODUCT, Robots

PORTS = frozenset({80, 443})
_REDIRECTS = {301, 302, 303, 307, 308}
_PASSING = {408, 425, 429}  # and all of 500 to 599
_URL_LENGTH = 2_000
_TYPED_SECONDS = 3.0
_HOST = re.compile(rb"[a-z0-9._-]{1,253}|[0-9a-f:.]{2,45}")
_ACCEPT = "text/html,application/xhtml+xml,text/markdown,text/plain,text/csv,application/pdf;q=0.9"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a fetch may take: bytes as sent and as decompressed, seconds, and redirects."""

    size: int = 10 * 1024 * 1024
    connect: float = 5.0
    read: float = 10.0
    total: float = 30.0
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it was served.

    `url` is where redirects led, without a fragment; `media_type` is one that
    `knowledge.sources.reading` reads; `charset` is as declared, else empty. `etag` and `modified`
    go into the next fetch, which answers `unchanged`, without content, if nothing changed.
    """

    url: str
    content: bytes = field(repr=False)
    media_type: str
    charset: str
    etag: str
    modified: str
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes


def fetch(
    url: str,
    *,
    etag: str = "",
    modified: str = "",
    ports: frozenset[int] = PORTS,
    contact: str = "",
    limits: Limits = Limits(),
    robots: Robots | None = None,
    allow_private: frozenset[str] = frozenset(),
) -> Fetched:
    """Return the page at `url`, following redirects.

    `ports` are those that may be asked; `contact` is an address for the sites' owners, sent along
    with our name; a crawl passes one `robots` for all its pages. `allow_private` names
    `host:port` pairs that may be private or on another port: for tests only.

    Raises Refused, Unreachable, TooLarge or UnsupportedType (see `knowledge.sources.failures`).
    """
    deadline = Deadline(limits.total)
    with httpcore2.ConnectionPool(
        ssl_context=_tls(), network_backend=PublicBackend(deadline, allow_private)
    ) as pool:
        journey = _Journey(pool, limits, ports | _ports(allow_private), contact, robots or Robots())
        try:
            return journey.page(url, _conditions(etag, modified))
        except httpcore2.TimeoutException as error:
            raise Unreachable(_("The page took too long to answer."), retry=True) from error
        except httpcore2.ConnectError as error:
            # httpcore wraps the reason, and cuts the chain of causes on its way up.
            reason = error.args[0] if error.args else None
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise Unreachable(
                    _("The page's certificate is not valid: %(reason)s."),
                    retry=False,
                    reason=reason.verify_message,
                ) from error
            raise Unreachable(_("No secure connection could be made."), retry=True) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise Unreachable(_("The page's server broke off its answer."), retry=True) from error


def check_address(url: str, *, allow_private: frozenset[str] = frozenset()) -> None:
    """Check that `url` may be fetched, for whoever types it; no connection is made.

    What it leads to when it is fetched is checked then. Raises Refused, or Unreachable.
    """
    parsed = _parse(url)
    _check(parsed, PORTS | _ports(allow_private))
    checked_addresses(parsed.host, _port(parsed), _TYPED_SECONDS, allow_private)


@functools.cache  # reading the certificate authorities takes longer than many a fetch
def _tls() -> ssl.SSLContext:
    return httpcore2.default_ssl_context()


def _ports(allow_private: frozenset[str]) -> frozenset[int]:
    return frozenset(int(pair.rpartition(":")[2]) for pair in allow_private)


def _conditions(etag: str, modified: str) -> dict[str, str]:
    conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {
        name: value
        for name, value in conditions.items()
        if value and value.isascii() and value.isprintable()
    }


class _Journey:
    """One fetch, over however many redirects."""

    def __init__(
        self,
        pool: httpcore2.ConnectionPool,
        limits: Limits,
        ports: frozenset[int],
        contact: str,
        robots: Robots,
    ) -> None:
        self._pool = pool
        self._limits = limits
        self._ports = ports
        self._agent = f"{PRODUCT}/1.0 (+{contact})" if contact else f"{PRODUCT}/1.0"
        self._robots = robots

    def page(self, url: str, conditions: Mapping[str, str]) -> Fetched:
        def allowed(at: httpx2.URL) -> None:
            origin = _origin(at)
            if not self._robots.allows(origin, str(at), lambda: self._robots_txt(origin)):
                raise Refused(
                    _("The site asks crawlers not to read %(url)s (robots.txt)."), url=str(at)
                )

        at, answer = self._follow(_parse(url), conditions, allowed)
        headers = answer.headers
        declared = headers.get("content-type", "")
        media_type = media_type_of(declared, at.path)
        unchanged = answer.status == 304 and bool(conditions)
        if not unchanged and answer.status != 200:
            _fail(at, answer.status)
        if not unchanged and media_type is None:
            _refuse_type(declared)
        return Fetched(
            url=str(at),
            content=answer.content,
            media_type=media_type or "",
            charset=_charset(declared),
            etag=headers.get("etag", conditions.get("If-None-Match", "") if unchanged else ""),
            modified=headers.get(
                "last-modified", conditions.get("If-Modified-Since", "") if unchanged else ""
            ),
            unchanged=unchanged,
        )

    def _robots_txt(self, origin: str) -> bytes:
        """Return the site's robots.txt. RFC 9309, 2.3.1: none is no rule, a failing one is a no."""
        try:
            _at, answer = self._follow(_parse(f"{origin}/robots.txt"), {}, lambda at: None)
        except (TooLarge, Refused):
            return b""
        except Unreachable as error:
            if error.retry:
                raise
            return b""
        if answer.status >= 500 or answer.status == 429:
            raise Unreachable(
                _("The site's robots.txt cannot be read (HTTP %(status)d)."),
                retry=True,
                status=answer.status,
            )
        return answer.content if answer.status == 200 else b""

    def _follow(
        self,
        at: httpx2.URL,
        conditions: Mapping[str, str],
        allowed: Callable[[httpx2.URL], None],
    ) -> tuple[httpx2.URL, _Answer]:
        """Return where the redirects end, and the answer there."""
        for _turn in range(self._limits.redirects + 1):
            _check(at, self._ports)
            allowed(at)
            answer = self._ask(at, conditions)
            if answer.status not in _REDIRECTS:
                return at, answer
            to = _parse(answer.headers.get("location", ""), base=at)
            if at.scheme == "https" and to.scheme == "http":
                raise Refused(
                    _("The page leads from https to the unprotected %(url)s."), url=str(to)
                )
            at = to
        raise Unreachable(
            _("The page redirects more than %(most)d times."),
            retry=False,
            most=self._limits.redirects,
        )

    def _ask(self, url: httpx2.URL, conditions: Mapping[str, str]) -> _Answer:
        target = httpcore2.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=_port(url), target=url.raw_path
        )
        headers: dict[bytes | str, bytes | str] = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": self._agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip",
        }
        headers.update(conditions)
        timeout = {
            "connect": self._limits.connect,
            "read": self._limits.read,
            "write": self._limits.read,
            "pool": self._limits.connect,
        }
        with self._pool.stream(
            "GET", target, headers=headers, extensions={"timeout": timeout}
        ) as response:
            got = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            content = b""
            if response.status == 200:
                content = _body(response, got, self._limits.size)
            return _Answer(response.status, got, content)


def _check(url: httpx2.URL, ports: frozenset[int]) -> None:
    if url.scheme not in ("http", "https"):
        raise Refused(_("Only addresses that begin with http:// or https:// are fetched."))
    if url.userinfo:
        raise Refused(_("Addresses with a user name or password are not fetched."))
    if not _HOST.fullmatch(url.raw_host):
        raise Refused(_("The address names no host, or not as hosts are named."))
    if _port(url) not in ports:
        raise Refused(_("Port %(port)d is not among those that are fetched from."), port=_port(url))


def _body(response: httpcore2.Response, headers: Mapping[str, str], limit: int) -> bytes:
    """Return the body, decompressed; nothing beyond `limit` bytes is ever held."""
    if headers.get("content-length", "").isdigit() and int(headers["content-length"]) > limit:
        raise _too_large(limit)
    encoding = headers.get("content-encoding", "identity").strip().lower() or "identity"
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise Unreachable(
            _("The page is compressed as %(encoding)s, unasked."),
            retry=False,
            encoding=encoding[:40],
        )
    unpack = None if encoding == "identity" else zlib.decompressobj(wbits=31)
    content, received = bytearray(), 0
    try:
        for part in response.iter_stream():
            received += len(part)
            room = limit + 1 - len(content)
            content += part if unpack is None else unpack.decompress(part, room)
            if len(content) > limit or received > limit:
                raise _too_large(limit)
    except zlib.error as error:
        raise Unreachable(_("The page's compression is damaged."), retry=True) from error
    if unpack is not None and not unpack.eof and received:
        raise Unreachable(_("The page broke off before its end."), retry=True)
    return bytes(content)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(_("The page is larger than %(most)s MB."), most=f"{limit / (1024 * 1024):g}")


def _parse(url: str, base: httpx2.URL | None = None) -> httpx2.URL:
    """Return the absolute address without its fragment. Raises Refused."""
    if not url or len(url) > _URL_LENGTH:
        raise Refused(_("There is no address, or it is too long."))
    try:
        parsed = httpx2.URL(url.strip())
        return (base.join(parsed) if base else parsed).copy_with(fragment=None)
    except (httpx2.InvalidURL, ValueError, UnicodeError) as error:
        raise Refused(_("The address is not well formed.")) from error


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _origin(url: httpx2.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _charset(content_type: str) -> str:
    for parameter in content_type.split(";")[1:]:
        name, _sign, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower()
    return ""


def _fail(url: httpx2.URL, status: int) -> NoReturn:
    sentence = {
        401: _("The page asks for a login (HTTP 401)."),
        403: _("The site does not let us read the page (HTTP 403)."),
        404: _("There is no page at this address (HTTP 404)."),
        410: _("The page was taken away (HTTP 410)."),
        429: _("The site asks us to come back later (HTTP 429)."),
    }.get(status, _("The site answered with HTTP %(status)d."))
    raise Unreachable(sentence, retry=status in _PASSING or status >= 500, status=status)


def _refuse_type(declared: str) -> NoReturn:
    shown = declared.partition(";")[0].strip()[:60]
    if not shown:
        raise UnsupportedType(
            _("The page does not say what it is; HTML, Markdown, PDF, text and CSV can be read.")
        )
    raise UnsupportedType(
        _("The page is %(type)s; HTML, Markdown, PDF, text and CSV can be read."), type=shown
    )
