"""The client: its deadline, its breaker, what it logs, and TLS."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from chatbot.systems.ports import SystemFailure
from tests.chatbot.systems import configured, contract
from tests.chatbot.systems.fakes import server
from tests.chatbot.systems.fakes.server import Status
from tests.chatbot.systems.fakes.shop import FakeShop


@pytest.fixture
def system() -> Iterator[FakeShop]:
    with FakeShop() as running:
        yield running


def _kind(orders: Any) -> str:
    with pytest.raises(SystemFailure) as failure:
        orders.find("10482")
    return failure.value.kind


class TestWaiting:
    @pytest.mark.parametrize("form", ["seconds", "date"])
    def test_waits_as_long_as_it_is_asked_to(self, system: FakeShop, form: str) -> None:
        until = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        after = "1" if form == "seconds" else until
        system.fails_with(Status(429, headers={"Retry-After": after}))
        began = time.monotonic()
        assert configured.rest_orders(system.url).find("10482") is not None
        assert 0.8 < time.monotonic() - began < 3
        assert len(system.seen) == 2

    @pytest.mark.parametrize("fault", [server.DRIP, server.DRIP_HEADERS])
    def test_an_answer_that_drips_ends_by_the_deadline_too(
        self, system: FakeShop, fault: str
    ) -> None:
        system.fails_always(fault)
        began = time.monotonic()
        assert _kind(configured.rest_orders(system.url, seconds=0.4)) == "timeout"
        assert time.monotonic() - began < 1

    def test_all_requests_of_a_call_share_its_deadline(self, system: FakeShop) -> None:
        system.latency = 0.25
        stock = configured.rest_stock(system.url, seconds=0.4)
        with pytest.raises(SystemFailure, match="timeout"):
            stock.search("Nordlus blankat", "en")  # is searched for three times
        assert len(system.seen) == 2

    def test_a_host_that_is_not_there_is_unavailable(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
            assert _kind(configured.rest_orders(f"http://127.0.0.1:{port}")) == "unavailable"

    def test_what_cannot_be_a_number_is_not_asked_for(self, system: FakeShop) -> None:
        orders = configured.rest_orders(system.url)
        for typed in ("", "1/../../admin", "%2e%2e", "10482\r\nX-Evil: 1", "*", "..", "10482?a=b"):
            assert orders.find(typed) is None
        assert system.seen == []


class TestBreaker:
    def test_opens_after_failures_in_a_row_and_closes_again(self, system: FakeShop) -> None:
        orders = configured.rest_orders(
            system.url, attempts=1, breaker_failures=3, breaker_seconds=0.2
        )
        system.fails_always(Status(500))
        for _time in range(3):
            assert _kind(orders) == "unavailable"
        assert len(system.seen) == 3
        began = time.monotonic()
        with pytest.raises(SystemFailure) as failure:
            orders.find("10482")
        assert (failure.value.kind, failure.value.retry) == ("unavailable", True)
        assert time.monotonic() - began < 0.1
        assert len(system.seen) == 3  # it was left alone

        time.sleep(0.25)
        assert _kind(orders) == "unavailable"  # tried once, and left alone again
        assert _kind(orders) == "unavailable"
        assert len(system.seen) == 4

        system.fails_always(None)
        time.sleep(0.25)
        assert orders.find("10482") is not None
        assert orders.find("10482") is not None

    def test_a_success_between_failures_keeps_it_closed(self, system: FakeShop) -> None:
        orders = configured.rest_orders(system.url, attempts=1, breaker_failures=2)
        for _time in range(3):
            system.fails_with(Status(500))
            assert _kind(orders) == "unavailable"
            assert orders.find("10482") is not None

    @pytest.mark.parametrize("status", [400, 401, 403, 409, 422])
    def test_what_a_system_refuses_keeps_it_closed(self, system: FakeShop, status: int) -> None:
        orders = configured.rest_orders(system.url, breaker_failures=2)
        system.fails_always(Status(status))
        for _time in range(4):
            assert _kind(orders) in ("refused", "unauthorised")
        assert len(system.seen) == 4

    def test_429_opens_it(self, system: FakeShop) -> None:
        orders = configured.rest_orders(system.url, breaker_failures=2)
        system.fails_always(Status(429, headers={"Retry-After": "60"}))
        assert [_kind(orders) for _time in range(3)] == [
            "rate_limited",
            "rate_limited",
            "unavailable",
        ]

    def test_calls_do_not_wait_for_each_other(self, system: FakeShop) -> None:
        system.latency = 0.3
        orders = configured.rest_orders(system.url)
        began = time.monotonic()
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(orders.find, ["10482"] * 8))
        assert all(found)
        assert time.monotonic() - began < 1.2  # 2.4 one after the other

    def test_one_call_alone_tries_whether_the_system_is_well(self, system: FakeShop) -> None:
        orders = configured.rest_orders(
            system.url, attempts=1, breaker_failures=1, breaker_seconds=0.1
        )
        system.fails_with(Status(500))
        assert _kind(orders) == "unavailable"
        time.sleep(0.15)
        system.latency = 0.3
        outcomes: list[str] = []

        def ask() -> None:
            try:
                outcomes.append("found" if orders.find("10482") else "nothing")
            except SystemFailure as failure:
                outcomes.append(failure.kind)

        threads = [threading.Thread(target=ask) for _one in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["found"] + ["unavailable"] * 5
        assert len(system.seen) == 2


class TestLogs:
    def test_one_line_for_a_failed_call_and_nothing_of_what_was_asked(
        self, system: FakeShop, caplog: pytest.LogCaptureFixture
    ) -> None:
        system.fails_always(Status(500, {"customer": contract.JONAS}))
        orders = configured.rest_orders(system.url)
        with caplog.at_level(logging.DEBUG, "chatbot"), pytest.raises(SystemFailure) as failure:
            orders.of(contract.IDA)
        (line,) = caplog.messages
        assert line.startswith("Shop: unavailable, HTTP 500, after 0.")
        assert line.endswith("and 4 requests")
        shown = line + str(failure.value) + repr(failure.value)
        for secret in (contract.IDA, "ida", contract.JONAS, "token", "orders"):
            assert secret not in shown

    def test_a_malformed_answer_is_not_in_the_failure(
        self, system: FakeShop, caplog: pytest.LogCaptureFixture
    ) -> None:
        order = {"orderNumber": "10482", "status": "sent", "created": contract.JONAS}
        system.fails_with(Status(200, {"results": [order]}))
        with caplog.at_level(logging.DEBUG, "chatbot"):
            assert _kind(configured.rest_orders(system.url)) == "malformed"
        assert contract.JONAS not in caplog.text


class TestTls:
    def test_a_certificate_that_nobody_vouches_for_is_refused(self, tmp_path: Any) -> None:
        """And is not tried again: no key is sent to who it may be."""
        import ssl
        import subprocess

        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        command += ["-subj", "/CN=localhost", "-addext", names]
        command += ["-keyout", "key.pem", "-out", "cert.pem"]
        made = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        if made.returncode:
            pytest.skip("there is no openssl here")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
        with FakeShop() as system:
            system.wrap(context)
            url = system.url.replace("http://127.0.0.1", "https://localhost")
            assert _kind(configured.rest_orders(url)) == "refused"
            assert system.seen == []
            trusted = configured.rest_orders(url, ca_file=str(tmp_path / "cert.pem"))
            assert trusted.find("10482") is not None
