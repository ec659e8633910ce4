"""Part 8: what a turn of an action costs beside the embedding and the remote call.

Each text is said once before it is counted, so that its embedding is at hand: what is left is
ours, from the frame that the server receives to the reply that the client has.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.actions.playing import signed
from tests.bench.report import Figure, Report
from tests.chatbot.systems import configured, contract
from tests.chatbot.systems.fakes.shop import TOKEN, FakeShop
from tests.world import Server, Visitor, copy_shop, running

_MOST_MS = 20.0
_FREELY = {"SVAR_SESSION_RATE": "1000000/min"}
METTE = "mette.olsen@post.example"


def measure(report: Report, shop: Path, folder: Path, *, quick: bool) -> None:
    """Report turns over Svar's own tables, and over REST less the bare call."""
    turns = 20 if quick else 150
    with running(copy_shop(shop, folder / "own"), **_FREELY) as server:
        secret = _secret(folder / "own")
        for name, say in (
            ("order status, signed in", lambda n: (METTE, "where is my order 10488?")),
            ("stock", lambda n: ("", "is the Hede wool blanket in stock?")),
            ("password reset", lambda n: ("", f"reset my password, nobody{n}@post.example")),
            ("asking for a slot", lambda n: ("", "reset my password")),
        ):
            report.figures.append(
                Figure(
                    "actions",
                    f"a turn: {name}, p95",
                    "ms",
                    [_p95(_turns(server, secret, say, turns))],
                    target=_MOST_MS,
                )
            )
        report.figures.append(_told_apart(server, folder / "own", quick=quick))
    with FakeShop() as company:
        systems = {
            "orders": {
                "class": "chatbot.systems.rest.RestOrders",
                "options": configured.orders_options(company.url),
            }
        }
        more = {"SVAR_SYSTEMS": json.dumps(systems), **_FREELY}
        with running(copy_shop(shop, folder / "rest"), **more) as server:
            secret = _secret(folder / "rest")
            bare = list(_bare(company.url, turns))
            whole = _turns(
                server,
                secret,
                lambda n: (contract.SENT.email, f"where is my order {contract.SENT.number}?"),
                turns,
            )
            report.figures.append(
                Figure(
                    "actions",
                    "a turn: order status over REST, p95",
                    "ms",
                    [_p95(whole)],
                    "the bare call",
                    [_p95(bare)],
                    target=_MOST_MS + _p95(bare),
                )
            )


def _turns(
    server: Server,
    secret: str,
    say: Callable[[int], tuple[str, str]],
    count: int,
    spare: int = 5,
) -> list[float]:
    """Return how long each turn took, in ms; the first `spare` are not counted."""
    took = []
    for number in range(count + spare):
        email, text = say(number)
        session = {"identity": signed(email, secret)} if email else {}
        visitor = Visitor(server, "en", **session)
        visitor.open()
        began = time.perf_counter()
        visitor.ask(text)
        took.append((time.perf_counter() - began) * 1000)
        visitor.close()
    return took[spare:]


def _told_apart(server: Server, data: Path, *, quick: bool) -> Figure:
    """Report the reply to a request for a password: of accounts, beside addresses without one."""
    with _opened(data) as rows:
        known = [str(email) for (email,) in rows.execute("SELECT email FROM systems_account")]
    took: dict[bool, list[float]] = {True: [], False: []}
    for round_of in range(1 if quick else 4):  # as many links as an address may have in an hour
        for number, email in enumerate(known):
            for exists in (True, False) if number % 2 else (False, True):
                address = email if exists else f"x{round_of}{number}{email}"
                took[exists] += _turns(
                    server, "", lambda _, to=address: ("", f"reset my password, {to}"), 1, spare=0
                )
    return Figure(
        "actions",
        "password reset: an account's",
        "ms",
        sorted(took[True]),
        "nobody's",
        sorted(took[False]),
    )


def _bare(url: str, count: int) -> Iterator[float]:
    with httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        for _ in range(count):
            began = time.perf_counter()
            client.get(
                f"{url}/api/orders", params={"email": contract.SENT.email}
            ).raise_for_status()
            yield (time.perf_counter() - began) * 1000


def _secret(data: Path) -> str:
    with _opened(data) as rows:
        found = rows.execute("SELECT identity_secret FROM conversations_channel").fetchone()
    return str(found[0])


@contextmanager
def _opened(data: Path) -> Iterator[sqlite3.Connection]:
    rows = sqlite3.connect(data / "svar.sqlite3")
    try:
        yield rows
    finally:
        rows.close()


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]
