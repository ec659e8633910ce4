"""The load, in a process of its own: echoes, questions, idle sockets.

python -m tests.bench.load '{"mode": "echo" | "ask" | "idle", ...}'
"""

import asyncio
import json
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.bench.measure import cpu_seconds, raise_open_files
from tests.bench.questions import Question, questions
from tests.world import KEY

_AT_ONCE = 20  # sockets or sessions that are opened together
_PATIENCE = 30.0  # seconds until a reply counts as missing


def main() -> None:
    """Do what the argument says and print the figures as JSON."""
    raise_open_files()
    spec = json.loads(sys.argv[1])
    modes: dict[str, Callable[..., Awaitable[Any]]] = {"echo": echo, "ask": ask, "idle": idle}
    measured = asyncio.run(modes[spec.pop("mode")](**spec))
    if measured is not None:
        print(json.dumps(measured))


async def _open(url: str, token: str = "") -> ClientConnection:
    protocols: Any = ["chat.v1", token] if token else None
    return await connect(
        url,
        subprotocols=protocols,
        compression=None,
        ping_interval=None,
        proxy=None,
        open_timeout=60,
        max_queue=None,
    )


async def _in_batches(jobs: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    done: list[Any] = []
    for start in range(0, len(jobs), _AT_ONCE):
        done += await asyncio.gather(*(job() for job in jobs[start : start + _AT_ONCE]))
    return done


# --- Echo -------------------------------------------------------------------------------------
async def echo(url: str, clients: int, count: int, seconds: float) -> dict[str, Any]:
    """Send `count` messages by `clients` sockets, each waiting for its echo."""
    sockets = await _in_batches([lambda: _open(url)] * clients)
    texts = [_message(question, f"e{n}") for n, question in enumerate(questions(0, 500))]
    left = iter(range(count))
    times: list[float] = []
    until = time.monotonic() + seconds

    async def talk(socket: ClientConnection, numbers: Iterator[int]) -> None:
        for number in numbers:
            began = time.perf_counter()
            await socket.send(texts[number % len(texts)])
            await socket.recv()
            times.append(time.perf_counter() - began)
            if time.monotonic() > until:
                return

    for socket in sockets:
        await talk(socket, iter(range(10)))
    times.clear()
    began = time.perf_counter()
    await asyncio.gather(*(talk(socket, left) for socket in sockets))
    took = time.perf_counter() - began
    await asyncio.gather(*(socket.close() for socket in sockets))
    return {"ms": [value * 1000 for value in times], "per_second": len(times) / took}


# --- Questions --------------------------------------------------------------------------------
@dataclass(slots=True)
class _Tally:
    """What came of the questions."""

    times: list[float] = field(default_factory=list)
    handed_off: int = 0
    missing: int = 0
    cut_short: bool = False


def _message(question: Question, client_id: str) -> str:
    return json.dumps(
        {
            "type": "message.send",
            "client_id": client_id,
            "text": question.text,
            "language": question.language,
        }
    )


async def _sessions(http_url: str, count: int) -> list[str]:
    """Return the tokens of `count` new visitors."""
    limits = httpx.Limits(max_connections=4)
    async with httpx.AsyncClient(
        base_url=http_url, trust_env=False, limits=limits, timeout=60
    ) as client:

        async def one() -> str:
            answer = await client.post("/api/v1/widget/session", json={"key": KEY})
            answer.raise_for_status()
            return str(answer.json()["token"])

        return await _in_batches([one] * count)


async def _enter(ws_url: str, token: str) -> ClientConnection:
    """Open a visitor's socket as the widget does: connect, sync, history."""
    socket = await _open(ws_url, token)
    await socket.send('{"type": "sync", "after": 0}')
    async with asyncio.timeout(_PATIENCE):
        while '"type":"history"' not in str(await socket.recv()):
            pass
    return socket


async def _reply(socket: ClientConnection) -> bool:
    """Wait for the bot's message; return whether a person has the conversation now."""
    handed_off = False
    while True:
        raw = str(await socket.recv())
        if raw.startswith('{"type":"conversation"'):
            handed_off = json.loads(raw)["conversation"]["status"] != "bot"
        elif raw.startswith('{"type":"message"'):
            if json.loads(raw)["message"]["author"]["kind"] == "bot":
                return handed_off
        elif raw.startswith('{"type":"error"'):
            raise RuntimeError(raw)


async def ask(
    *,
    http_url: str,
    ws_url: str,
    clients: int,
    first: int,
    count: int,
    each: int,
    visitors: int,
    seconds: float,
    server_pid: int = 0,
) -> dict[str, Any]:
    """Ask `count` questions by `clients` at once; each waits for its answer before the next.

    A visitor asks `each` questions and then makes room for a fresh one, at once after a
    handoff. All visitors are connected before the clock starts; more than `visitors` there
    are not, so a run of many handoffs may end early.
    """
    tokens = await _sessions(http_url, visitors)
    fresh = deque(await _in_batches([lambda t=token: _enter(ws_url, t) for token in tokens]))
    opened = list(fresh)
    left = deque(enumerate(questions(first, count)))
    tally = _Tally()
    until = time.monotonic() + seconds
    await asyncio.sleep(0.5)

    async def customer() -> None:
        while left and time.monotonic() < until:
            if not fresh:
                tally.cut_short = True
                return
            socket = fresh.popleft()
            for _ in range(each):
                if not left or time.monotonic() > until:
                    return
                number, question = left.popleft()
                text = _message(question, f"q{number}")
                began = time.perf_counter()
                await socket.send(text)
                try:
                    async with asyncio.timeout(_PATIENCE):
                        handed_off = await _reply(socket)
                except TimeoutError:
                    tally.missing += 1
                    break
                tally.times.append(time.perf_counter() - began)
                if handed_off:
                    tally.handed_off += 1
                    break

    servers = cpu_seconds(server_pid) if server_pid else 0.0
    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(customer() for _ in range(clients)))
    took, used = time.perf_counter() - began, time.process_time() - used
    servers = cpu_seconds(server_pid) - servers if server_pid else 0.0
    await _in_batches([socket.close for socket in opened])
    return {
        "ms": [value * 1000 for value in tally.times],
        "per_second": len(tally.times) / took,
        "answered": len(tally.times),
        "handed_off": tally.handed_off,
        "missing": tally.missing + (len(left) if not tally.cut_short else 0),
        "cut_short": tally.cut_short,
        "visitors_left": len(fresh),
        "generator_cpu_ms": used / max(len(tally.times), 1) * 1000,
        "server_cpu_ms": servers / max(len(tally.times), 1) * 1000,
        "took": took,
    }


# --- Idle sockets -----------------------------------------------------------------------------
async def idle(ws_url: str, count: int, http_url: str = "") -> None:
    """Get ready, open `count` sockets when told to, and close them when told to."""
    tokens = await _sessions(http_url, count) if http_url else [""] * count
    await _step("ready")
    jobs = [
        (lambda t=token: _enter(ws_url, t)) if token else (lambda: _open(ws_url))
        for token in tokens
    ]
    sockets = await _in_batches(jobs)
    await _step("open")
    await _in_batches([socket.close for socket in sockets])


async def _step(name: str) -> None:
    print(name, flush=True)
    await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    main()
