"""How systems fail, the same for every implementation over HTTP."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chatbot.systems.ports import SystemFailure
from tests.chatbot.systems import configured, contract
from tests.chatbot.systems.fakes import carriers, server, shop, shopify, woocommerce
from tests.chatbot.systems.fakes.server import FakeSystem, Status

SECONDS, GRACE = 0.25, 0.6  # the limit of a call here, and what a busy machine may add


@dataclass(frozen=True)
class Case:
    """An implementation, its fake, and a call that its fake answers well."""

    fake: Callable[[], FakeSystem]
    make: Callable[..., Any]
    ask: Callable[[Any], Any]
    knows_404: bool = True  # as the answer that there is no such thing
    reads_answer: bool = True
    is_repeated: bool = True  # a call that fails in passing

    def __str__(self) -> str:
        return self.make.__name__


def _returned(returns: Any) -> Any:
    return returns.create(contract.DELIVERED, contract.DELIVERED.lines, key="k1")


def _shopify_returned(returns: Any) -> Any:
    lines = [
        replace(line, id=f"gid://shopify/LineItem/10483{index}")
        for index, line in enumerate(contract.DELIVERED.lines)
    ]
    return returns.create(contract.DELIVERED, tuple(lines), key="k1")


CASES = (
    Case(shop.FakeShop, configured.rest_orders, lambda port: port.find("10482")),
    Case(shop.FakeShop, configured.rest_stock, lambda port: port.search("Lykta", "en")),
    Case(
        shop.FakeShop,
        configured.rest_tracking,
        lambda port: port.follow("00370730251234567890", "en"),
    ),
    Case(
        shop.FakeShop,
        configured.rest_accounts,
        lambda port: port.send_reset(contract.IDA, "da"),
        reads_answer=False,
    ),
    Case(shop.FakeShop, configured.rest_returns, _returned, knows_404=False),
    Case(
        shop.FakeShop,
        configured.rest_tickets,
        lambda port: port.open(contract.TICKET, key="k1"),
        knows_404=False,
    ),
    Case(
        shop.FakeShop,
        configured.rest_texts,
        lambda port: port.send("+4520123456", "hej", key="k1"),
        knows_404=False,
        reads_answer=False,
    ),
    Case(
        shopify.FakeShopify,
        configured.shopify_orders,
        lambda port: port.find("10482"),
        knows_404=False,
    ),
    Case(
        shopify.FakeShopify,
        configured.shopify_stock,
        lambda port: port.search("lamp", "en"),
        knows_404=False,
    ),
    Case(shopify.FakeShopify, configured.shopify_returns, _shopify_returned, knows_404=False),
    Case(
        shopify.FakeShopify,
        configured.shopify_accounts,
        lambda port: port.send_reset(contract.IDA, "da"),
        knows_404=False,
        is_repeated=False,
    ),
    Case(
        woocommerce.FakeWooCommerce,
        configured.woo_orders,
        lambda port: port.find("10482"),
        knows_404=False,
    ),
    Case(
        woocommerce.FakeWooCommerce,
        configured.woo_stock,
        lambda port: port.search("LAMP-1", "en"),
        knows_404=False,
    ),
    Case(
        carriers.FakePostNord,
        configured.postnord,
        lambda port: port.follow("00370730251234567801", "en"),
    ),
    Case(carriers.FakeGls, configured.gls, lambda port: port.follow("50412345674", "en")),
)


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def system(case: Case) -> Iterator[FakeSystem]:
    with case.fake() as running:
        yield running


@pytest.fixture
def port(case: Case, system: FakeSystem) -> Any:
    """The implementation, which has been asked once already: tokens are at hand."""
    port = case.make(system.url, breaker_failures=50, attempts=3)
    case.ask(port)
    return port


def _failure(ask: Callable[[], Any]) -> tuple[str, bool]:
    with pytest.raises(SystemFailure) as failure:
        ask()
    assert failure.value.system
    assert failure.value.__cause__ is None  # which could hold what was asked or answered
    assert failure.value.__suppress_context__ or failure.value.__context__ is None
    return failure.value.kind, failure.value.retry


class TestFaults:
    @pytest.mark.parametrize("status", [401, 403])
    def test_a_wrong_key_is_not_tried_again(
        self, case: Case, port: Any, system: FakeSystem, status: int
    ) -> None:
        system.fails_always(Status(status))
        assert _failure(lambda: case.ask(port)) == ("unauthorised", False)
        assert sum(seen.method == system.seen[0].method for seen in system.seen) <= 4

    def test_404_is_nothing_where_something_is_looked_up(
        self, case: Case, port: Any, system: FakeSystem
    ) -> None:
        system.fails_always(Status(404))
        if case.knows_404:
            assert case.ask(port) in (None, [])
        else:
            assert _failure(lambda: case.ask(port)) == ("refused", False)

    def test_what_is_refused_is_not_tried_again(
        self, case: Case, port: Any, system: FakeSystem
    ) -> None:
        before = len(system.seen)
        system.fails_always(Status(409))
        assert _failure(lambda: case.ask(port)) == ("refused", False)
        assert len(system.seen) == before + 1

    @pytest.mark.parametrize("case", [case for case in CASES if case.is_repeated], ids=str)
    @pytest.mark.parametrize(
        "fault",
        [
            Status(500),
            Status(429, headers={"Retry-After": "0"}),
            Status(503, headers={"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"}),
            Status(408),
            server.CUT,
            server.CLOSE,
        ],
        ids=lambda fault: str(getattr(fault, "code", fault)),
    )
    def test_what_passes_is_tried_again(
        self, case: Case, port: Any, system: FakeSystem, fault: server.Fault
    ) -> None:
        case.ask(port)
        before = len(system.seen)
        case.ask(port)
        usual = len(system.seen) - before
        system.fails_with(fault)
        case.ask(port)
        assert len(system.seen) == before + 2 * usual + 1

    def test_what_does_not_pass_is_given_up(
        self, case: Case, port: Any, system: FakeSystem
    ) -> None:
        before = len(system.seen)
        system.fails_always(Status(502))
        assert _failure(lambda: case.ask(port)) == ("unavailable", True)
        assert len(system.seen) == before + (3 if case.is_repeated else 1)

    def test_too_long_a_wait_is_not_waited(self, case: Case, port: Any, system: FakeSystem) -> None:
        before, began = len(system.seen), time.monotonic()
        system.fails_always(Status(429, headers={"Retry-After": "120"}))
        assert _failure(lambda: case.ask(port)) == ("rate_limited", True)
        assert len(system.seen) == before + 1
        assert time.monotonic() - began < GRACE

    def test_a_call_ends_by_its_deadline(self, case: Case, system: FakeSystem) -> None:
        port = case.make(system.url, seconds=SECONDS)
        system.fails_always(server.HANG)
        began = time.monotonic()
        assert _failure(lambda: case.ask(port)) == ("timeout", True)
        assert SECONDS * 0.9 < time.monotonic() - began < SECONDS + GRACE

    @pytest.mark.parametrize("case", [case for case in CASES if case.reads_answer], ids=str)
    @pytest.mark.parametrize(
        "fault",
        [server.MALFORMED, server.A_WORD, server.ANOTHER_OBJECT, server.HALF_A_LETTER],
        ids=["malformed", "word", "object", "surrogate"],
    )
    def test_an_answer_of_another_kind_is_malformed(
        self, case: Case, port: Any, system: FakeSystem, fault: Status
    ) -> None:
        system.fails_always(fault)
        assert _failure(lambda: case.ask(port)) == ("malformed", False)

    def test_a_huge_answer_is_malformed(self, case: Case, port: Any, system: FakeSystem) -> None:
        system.fails_always(server.OVERSIZE)
        assert _failure(lambda: case.ask(port)) == ("malformed", False)

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_no_redirect_is_followed(
        self, case: Case, port: Any, system: FakeSystem, status: int
    ) -> None:
        with shop.FakeShop() as other:
            system.fails_always(Status(status, headers={"Location": f"{other.url}/api/orders"}))
            assert _failure(lambda: case.ask(port)) == ("refused", False)
            assert other.seen == []
