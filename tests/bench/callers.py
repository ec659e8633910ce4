"""Services that call: at a constant rate, whether they are answered or not; a process of its own.

python -m tests.bench.callers '{"file": path, "host": "127.0.0.1", "port": 8000, "rate": 200}'

The file has one request a line, as JSON: [kind, request as latin-1]. How long an answer took is
counted from the moment in which the request should have been sent, so a caller that is held up
itself counts against us, and never for us. Connections are kept and opened as they are needed.
"""

import asyncio
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

_PATIENCE = 30.0  # seconds; what is answered later counts as not answered


def main() -> None:
    """Make the calls of the file and print what came of them as JSON."""
    spec = json.loads(sys.argv[1])
    lines = Path(spec["file"]).read_text("utf-8").splitlines()
    calls = [(kind, request.encode("latin-1")) for kind, request in map(json.loads, lines)]
    print(json.dumps(asyncio.run(Callers(spec["host"], spec["port"]).run(calls, spec["rate"]))))


class Callers:
    """Connections that are kept between requests."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._opened = 0

    async def run(self, calls: list[tuple[str, bytes]], rate: float) -> dict[str, Any]:
        """Make `calls`, `rate` a second."""
        ms: dict[str, list[float]] = defaultdict(list)
        failed: dict[str, int] = defaultdict(int)
        behind = 0.0

        async def call(kind: str, request: bytes, due: float) -> None:
            try:
                async with asyncio.timeout(_PATIENCE):
                    status = await self._call(request)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                failed[type(error).__name__] += 1
                return
            if status == 200:
                ms[kind].append((time.perf_counter() - due) * 1000)
            else:
                failed[str(status)] += 1

        used, began = time.process_time(), time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number, (kind, request) in enumerate(calls):
                due = began + number / rate
                if (left := due - time.perf_counter()) > 0:
                    await asyncio.sleep(left)
                behind = max(behind, time.perf_counter() - due)
                group.create_task(call(kind, request, due))
        took = time.perf_counter() - began
        return {
            "ms": ms,
            "failed": failed,
            "took": took,
            "behind_ms": behind * 1000,
            "connections": self._opened,
            "cpu_ms": (time.process_time() - used) / len(calls) * 1000,
        }

    async def _call(self, request: bytes) -> int:
        if self._idle:
            reader, writer = self._idle.pop()
        else:
            reader, writer = await asyncio.open_connection(*self._address)
            self._opened += 1
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b"transfer-encoding: chunked" in head:
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        else:
            await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
        self._idle.append((reader, writer))
        return int(head.split(b" ", 2)[1])


if __name__ == "__main__":
    main()
