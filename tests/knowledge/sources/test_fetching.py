"""Fetching: a public page comes as it is; nothing leads into a private network, or on for ever."""

import datetime
import gzip
import socket
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from knowledge.sources import fetching
from knowledge.sources.addresses import is_public
from knowledge.sources.failures import (
    FetchFailed,
    Refused,
    TooLarge,
    Unreachable,
    UnsupportedType,
)
from knowledge.sources.fetching import Limits, fetch
from knowledge.sources.robots import Robots
from tests.knowledge.sources.web import Web, page, redirect

QUICK = Limits(size=50_000, connect=1.0, read=0.4, total=0.8)


@pytest.fixture
def web() -> Iterator[Web]:
    with Web().running() as running:
        yield running


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Answer for the resolver: names("shop.example", "93.184.216.34", ...), a call each."""
    real = socket.getaddrinfo
    answers: dict[str, list[list[str]]] = {}
    asked: list[str] = []

    def resolve(host: str, port: int, *args: Any, **options: Any) -> Any:
        if host not in answers:
            assert host == "localhost" or host[0].isdigit() or ":" in host, "no network in tests"
            return real(host, port, *args, **options)
        asked.append(host)
        turn = answers[host]
        addresses = turn.pop(0) if len(turn) > 1 else turn[0]
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port))
            for a in addresses
        ]

    def answer(host: str, *turns: list[str]) -> list[str]:
        answers[host] = list(turns)
        return asked

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answer


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch, web: Web) -> list[tuple[str, int]]:
    """Note which addresses are connected to, and lead them all to the test's server."""
    made: list[tuple[str, int]] = []
    real = httpcore2.SyncBackend.connect_tcp

    def connect(self: Any, host: str, port: int, **options: Any) -> Any:
        made.append((host, port))
        return real(self, "127.0.0.1", web.port, **options)

    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", connect)
    return made


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",  # noqa: S104
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
        ),
        *("192.168.1.1", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200"),
        *("192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1"),
        *("240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "fe80::1"),
        *("fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1"),
        *("2001::1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "3fff::1"),
        *("5f00::1", "localhost", ""),
    ],
)
def test_an_address_that_not_everyone_reaches_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2a00:1450::1", "2606:4700::1111"],
)
def test_an_address_that_everyone_reaches_is_public(address: str) -> None:
    assert is_public(address)


def test_a_page_comes_with_what_its_server_says_of_it(web: Web) -> None:
    web.pages["/help"] = page(
        "<p>Grüße</p>".encode(),
        "text/html; charset=UTF-8",
        ETag='"a1"',
        Last_Modified="Sat, 21 Nov 2026 10:00:00 GMT",
    )
    got = fetch(f"{web.url}/help?a=1#there", allow_private=web.private, contact="https://x.example")
    assert got.content.decode() == "<p>Grüße</p>"
    assert (got.media_type, got.charset) == ("text/html", "utf-8")
    assert (got.etag, got.modified) == ('"a1"', "Sat, 21 Nov 2026 10:00:00 GMT")
    assert got.url == f"{web.url}/help?a=1"
    assert not got.unchanged
    [(robots, _), (path, headers)] = web.asked
    assert (robots, path) == ("/robots.txt", "/help?a=1")
    assert headers["user-agent"] == "Svar/1.0 (+https://x.example)"
    assert headers["host"] == web.host


def test_a_page_that_did_not_change_is_not_sent_again(web: Web) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        same = request.headers["If-None-Match"] == '"a1"'
        assert request.headers["If-Modified-Since"] in (None, "then")
        request.send_response(304 if same else 200)
        request.send_header("Content-Type", "text/plain")
        request.send_header("Content-Length", "0" if same else "3")
        request.end_headers()
        request.wfile.write(b"" if same else b"new")

    web.pages["/a"] = answer
    got = fetch(f"{web.url}/a", etag='"a1"', modified="then", allow_private=web.private)
    assert got.unchanged
    assert (got.content, got.etag, got.modified) == (b"", '"a1"', "then")
    assert fetch(f"{web.url}/a", etag='"b"', allow_private=web.private).content == b"new"
    # What is stored with line breaks in it would be headers of its own.
    assert fetch(f"{web.url}/a", etag='"a\r\nX: y"', allow_private=web.private).content == b"new"


@pytest.mark.parametrize(
    "address",
    [
        *("http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0/", "http://127.1/"),
        *("http://2130706433/", "http://0x7f000001/", "http://169.254.169.254/latest/meta-data/"),
        *("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://10.0.0.1:443/"),
        *("ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/"),
        *("http://user:secret@example.com/", "http://user@example.com/", "http://example.com:22/"),
        *("http://example.com:6379/", "http:///x", "", "javascript:alert(1)", "http://exa mple/"),
        *("http://example.com:99999/", "http://[::1", "http://a" + "a" * 3000, "http://\x00/"),
    ],
)
def test_an_address_that_is_not_of_the_open_web_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", None)
    with pytest.raises(Refused, match=r"\.$"):
        fetch(address)


def test_a_name_with_any_private_address_is_refused(names: Any, dialled: list[Any]) -> None:
    names("shop.example", ["93.184.216.34", "10.0.0.7"])
    with pytest.raises(Refused, match="private network"):
        fetch("https://shop.example/")
    assert dialled == []


def test_the_connection_goes_to_the_address_that_was_checked(
    names: Any, dialled: list[Any], web: Web
) -> None:
    """DNS rebinding: the name is public when checked, and would be loopback a moment later."""
    asked = names("shop.example", ["93.184.216.34"], ["127.0.0.1"])
    web.pages |= {"/robots.txt": page(b"", "text/plain"), "/": page()}
    assert fetch("http://shop.example/").content == b"<p>Hello</p>"
    assert dialled == [("93.184.216.34", 80)]
    assert asked == ["shop.example"]
    assert {headers["host"] for _, headers in web.asked} == {"shop.example"}


def test_a_name_that_turns_private_between_two_connections_is_refused(
    names: Any, dialled: list[Any], web: Web
) -> None:
    names("shop.example", ["93.184.216.34"], ["127.0.0.1"])
    web.pages["/robots.txt"] = page(b"", "text/plain", Connection="close")
    web.pages["/"] = page()
    with pytest.raises(Refused, match="private network"):
        fetch("http://shop.example/")
    assert [path for path, _ in web.asked] == ["/robots.txt"]


@pytest.mark.parametrize(
    "to",
    [
        *(
            "http://169.254.169.254/latest/",
            "http://127.0.0.1/",
            "http://localhost:80/",
            "//[::1]/",
        ),
        *("http://inside.example/", "file:///etc/passwd", "http://a:b@shop.example/"),
        *("http://shop.example:22/", "http://[", ""),
    ],
)
def test_a_redirect_is_checked_as_the_first_address_was(
    to: str, names: Any, dialled: list[Any], web: Web
) -> None:
    names("shop.example", ["93.184.216.34"])
    names("inside.example", ["10.0.0.9"])
    web.pages["/"] = redirect(to)
    with pytest.raises(Refused):
        fetch("http://shop.example/")
    assert set(dialled) == {("93.184.216.34", 80)}


def test_what_is_allowed_for_tests_is_allowed_on_that_port_only(web: Web) -> None:
    with Web().running() as other:
        web.pages["/"] = redirect(f"{other.url}/")
        with pytest.raises(Refused):
            fetch(f"{web.url}/", allow_private=web.private)
        assert other.asked == []


def test_redirects_are_followed_to_where_they_lead(web: Web) -> None:
    web.pages["/old"] = redirect("new/", 301)
    web.pages["/new/"] = redirect("../newer?x=æ#part", 308)
    web.pages["/newer"] = page(b"here", "text/plain")
    got = fetch(f"{web.url}/old", allow_private=web.private)
    assert got.content == b"here"
    assert got.url == f"{web.url}/newer?x=%C3%A6"


def test_redirects_end_after_five(web: Web) -> None:
    web.pages["/"] = redirect("/")
    with pytest.raises(Unreachable, match="more than 5 times") as failed:
        fetch(f"{web.url}/", allow_private=web.private)
    assert not failed.value.retry
    assert [path for path, _ in web.asked].count("/") == 6


@pytest.mark.parametrize(
    ("status", "retry"),
    [
        (404, False),
        (410, False),
        (403, False),
        (500, True),
        (503, True),
        (429, True),
        (408, True),
        (204, False),
        (304, False),
    ],
)
def test_an_answer_without_a_page_says_whether_to_try_again(
    status: int, retry: bool, web: Web
) -> None:
    web.pages["/"] = page(b"", status=status)
    with pytest.raises(Unreachable, match=f"HTTP {status}") as failed:
        fetch(f"{web.url}/", allow_private=web.private)
    assert (failed.value.retry, failed.value.status) == (retry, status)


def test_nobody_there_is_worth_another_try(web: Web) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unreachable, match="does not answer") as failed:
            fetch(f"http://{host}/", allow_private=frozenset({host}))
    assert failed.value.retry


@pytest.mark.parametrize(("code", "retry"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)])
def test_a_name_that_is_not_found_is_told(
    code: int, retry: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(*args: Any, **options: Any) -> Any:
        raise socket.gaierror(code, "no")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(Unreachable, match=r"shop\.example") as failed:
        fetch("https://shop.example/")
    assert failed.value.retry is retry


def test_a_resolver_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*args: Any, **options: Any) -> None:
        time.sleep(5)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="not resolved in time"):
        fetch("https://shop.example/", limits=Limits(connect=0.2))
    assert time.monotonic() - begun < 2


def huge(request: BaseHTTPRequestHandler) -> None:
    """Answer with bytes for ever, without saying how many."""
    request.send_response(200)
    request.send_header("Content-Type", "text/plain")
    request.send_header("Connection", "close")
    request.end_headers()
    while True:
        request.wfile.write(b"x" * 65_536)


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    "big",
    [
        page(b"x" * 50_001, "text/plain"),
        huge,
        page(packed(b"x" * 50_001), "text/plain", Content_Encoding="gzip"),
        page(packed(b"\0" * 30_000_000), "text/plain", Content_Encoding="gzip"),
    ],
    ids=["long", "endless", "packed", "bomb"],
)
def test_a_page_beyond_the_limit_is_not_read(big: Any, web: Web) -> None:
    web.pages["/"] = big
    with pytest.raises(TooLarge, match="larger than") as failed:
        fetch(f"{web.url}/", allow_private=web.private, limits=Limits(size=50_000))
    assert not failed.value.retry


def test_a_packed_page_is_never_unpacked_beyond_the_limit(web: Web) -> None:
    web.pages["/"] = page(packed(b"\0" * 30_000_000), "text/plain", Content_Encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            fetch(f"{web.url}/", allow_private=web.private, limits=Limits(size=50_000))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_page_at_the_limit_is_read_packed_or_not(web: Web) -> None:
    web.pages["/"] = page(packed(b"x" * 50_000), "text/plain", Content_Encoding="gzip")
    got = fetch(f"{web.url}/", allow_private=web.private, limits=Limits(size=50_000))
    assert got.content == b"x" * 50_000


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"not gzip at all", "gzip"),
        (packed(bytes(range(256)) * 99)[:-20], "gzip"),
        (zlib.compress(b"x"), "deflate"),
        (b"x", "br"),
    ],
)
def test_a_page_that_is_badly_packed_is_told(content: bytes, encoding: str, web: Web) -> None:
    web.pages["/"] = page(content, "text/plain", Content_Encoding=encoding)
    with pytest.raises(Unreachable):
        fetch(f"{web.url}/", allow_private=web.private)


def drip(where: str) -> Any:
    """Send a byte now and then: in time for each read, never done."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9999\r\n"
        request.wfile.write(head + (b"\r\n" if where == "body" else b"X: "))
        for _ in range(60):
            request.wfile.write(b"x")
            time.sleep(0.05)

    return answer


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_server_that_drips_does_not_hold_us(where: str, web: Web) -> None:
    web.pages["/"] = drip(where)
    begun = time.monotonic()
    with pytest.raises(Unreachable, match=r"0\.8 seconds|too long") as failed:
        fetch(f"{web.url}/", allow_private=web.private, limits=QUICK)
    assert failed.value.retry
    assert time.monotonic() - begun < 2


def test_a_server_that_says_nothing_does_not_hold_us(web: Web) -> None:
    web.pages["/"] = lambda request: time.sleep(1.5)
    with pytest.raises(Unreachable, match="too long"):
        fetch(f"{web.url}/", allow_private=web.private, limits=QUICK)


def test_a_server_that_breaks_off_is_worth_another_try(web: Web) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9999\r\n\r\nab"
        )
        request.close_connection = True

    web.pages["/"] = answer
    with pytest.raises(Unreachable, match="broke off") as failed:
        fetch(f"{web.url}/", allow_private=web.private)
    assert failed.value.retry


@pytest.mark.parametrize("type", ["image/png", "application/zip", "video/mp4", ""])
def test_what_cannot_be_read_is_refused(type: str, web: Web) -> None:
    web.pages["/"] = page(b"x", type)
    with pytest.raises(UnsupportedType, match="can be read"):
        fetch(f"{web.url}/", allow_private=web.private)


@pytest.mark.parametrize(
    ("path", "type", "known"),
    [
        ("/a.md", "text/plain; charset=utf-8", "text/markdown"),
        ("/a.pdf", "application/octet-stream", "application/pdf"),
        ("/a.csv", "", "text/csv"),
        ("/a.html", "application/xhtml+xml", "text/html"),
        ("/a.png", "text/plain", "text/plain"),
    ],
)
def test_a_vague_type_is_settled_by_the_name(path: str, type: str, known: str, web: Web) -> None:
    web.pages[path] = page(b"x", type)
    assert fetch(web.url + path, allow_private=web.private).media_type == known


def test_what_robots_txt_forbids_is_not_fetched(web: Web) -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: Svar\nDisallow: /inside\nCrawl-delay: 2\n"
    web.pages |= {"/robots.txt": page(rules, "text/plain"), "/inside/a": page(), "/a": page()}
    web.pages["/way"] = redirect("/inside/a")
    robots = Robots()
    assert fetch(f"{web.url}/a", allow_private=web.private, robots=robots).content
    for path in ("/inside/a", "/way"):
        with pytest.raises(Refused, match=r"robots\.txt"):
            fetch(web.url + path, allow_private=web.private, robots=robots)
    assert [path for path, _ in web.asked] == ["/robots.txt", "/a", "/way"]
    assert robots.delay(web.url) == 2
    assert robots.delay("https://elsewhere.example") == 0


def test_robots_txt_is_read_again_after_an_hour() -> None:
    now, read = [0.0], []

    def load() -> bytes:
        read.append(now[0])
        return b"User-agent: *\nDisallow: /a\n"

    robots = Robots(clock=lambda: now[0])
    for seconds in (0, 3_599, 3_601):
        now[0] = seconds
        assert not robots.allows("https://x.example", "https://x.example/a", load)
    assert read == [0, 3_601]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_site_whose_robots_txt_fails_is_left_alone_for_now(status: int, web: Web) -> None:
    web.pages |= {"/robots.txt": page(b"", status=status), "/": page()}
    with pytest.raises(Unreachable, match=r"robots\.txt") as failed:
        fetch(f"{web.url}/", allow_private=web.private)
    assert failed.value.retry
    assert [path for path, _ in web.asked] == ["/robots.txt"]


def certificate(folder: Path, name: str) -> ssl.SSLContext:
    """Return a server's context with a certificate for `name`, kept in folder/ca.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(signed.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A server of shop.example over TLS, whose certificate is trusted."""
    seen: list[str | None] = []
    context = certificate(tmp_path, "shop.example")
    context.sni_callback = lambda _, name, __: seen.append(name)
    trusted = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    monkeypatch.setattr(fetching, "_tls", lambda: trusted)
    with Web().running(context) as running:
        running.names = seen  # type: ignore[attr-defined]
        yield running


def test_tls_names_and_verifies_the_host_though_the_address_is_dialled(
    secure: Web, names: Any
) -> None:
    names("shop.example", ["127.0.0.1"])
    names("other.example", ["127.0.0.1"])
    secure.pages |= {"/robots.txt": page(b"", "text/plain"), "/": page()}
    allowed = frozenset({f"shop.example:{secure.port}", f"other.example:{secure.port}"})
    got = fetch(f"https://shop.example:{secure.port}/", allow_private=allowed)
    assert got.content == b"<p>Hello</p>"
    assert secure.names == ["shop.example"]  # type: ignore[attr-defined]
    with pytest.raises(Unreachable, match="certificate is not valid") as failed:
        fetch(f"https://other.example:{secure.port}/", allow_private=allowed)
    assert not failed.value.retry


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(tmp_path: Path, names: Any) -> None:
    names("shop.example", ["127.0.0.1"])
    with Web().running(certificate(tmp_path, "shop.example")) as web:
        web.pages["/"] = page()
        with pytest.raises(FetchFailed, match="certificate is not valid"):
            fetch(
                f"https://shop.example:{web.port}/",
                allow_private=frozenset({f"shop.example:{web.port}"}),
            )
        assert web.asked == []


def test_a_redirect_from_https_to_http_is_refused(secure: Web, names: Any, web: Web) -> None:
    names("shop.example", ["127.0.0.1"])
    secure.pages["/"] = redirect(f"{web.url}/")
    with pytest.raises(Refused, match="unprotected"):
        fetch(
            f"https://shop.example:{secure.port}/",
            allow_private=web.private | {f"shop.example:{secure.port}"},
        )
    assert web.asked == []
