"""Part 10: messages going out while services fail and our process is killed again and again.

python -m tests.bench.deliveries '{"conversations": 100, "messages": 10, "kills": 5, "data": path}'
"""

import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench.channels import run_own
from tests.bench.report import Figure, Report
from tests.world import Server, copy_shop, wait_for

_SHARE = 0.30


def measure(report: Report, shop: Path, folder: Path, *, quick: bool) -> None:
    """Send through failing services, and report what came of it."""
    conversations, messages, kills = (20, 5, 2) if quick else (100, 10, 5)
    spec = {
        "conversations": conversations,
        "messages": messages,
        "kills": kills,
        "data": str(copy_shop(shop, folder / "deliveries")),
    }
    found = run_own("deliveries", spec, seconds=1_800)
    count = conversations * messages
    told = found["told"]
    keyed = sum(one["doubled"] for one in told.values() if one["keyed"])
    report.figures += [
        Figure("delivery", "arrived", "", [found["arrived"]], target=count, at_least=True),
        Figure("delivery", "doubled, by the receivers' keys", "", [keyed], target=0),
        Figure("delivery", "out of order in a conversation", "", [found["misplaced"]], target=0),
        Figure("delivery", "calls", "", [found["calls"]], "messages", [count]),
        Figure("delivery", "until all had arrived", "s", [found["seconds"]]),
    ]
    repeats = ", ".join(f"{kind} {one['repeats']}" for kind, one in told.items())
    report.notes.append(
        f"{count:,} messages in {conversations} conversations, our process killed "
        f"{found['killed']} times, failed calls: {found['failed']}. Taken more than once "
        f"by the receivers before they compared keys: {repeats}; Telegram knows no keys, where "
        f"{told['telegram']['doubled']} were doubled. Load average before: {found['load']:.1f}."
    )


# --- In the process of its own ----------------------------------------------------------------
def main() -> None:
    """Measure as the argument says and print the figures as JSON."""
    import django

    django.setup()
    print(json.dumps(_measure(json.loads(sys.argv[1]))))


def _measure(spec: dict[str, Any]) -> dict[str, Any]:
    from chatbot.conversations.models import Delivery
    from tests.channels_adapters.flaky import KEYED, flaky, misplaced

    load = os.getloadavg()[0]
    chance = random.Random(7)
    server = Server(Path(spec["data"])).start()
    count = spec["conversations"] * spec["messages"]
    killed = 0
    try:
        with flaky(server, share=_SHARE, hanging=True) as services:
            began = time.monotonic()
            services.record(spec["conversations"], spec["messages"])
            queued = Delivery.objects.filter(state=Delivery.State.QUEUED)
            for _ in range(spec["kills"]):
                time.sleep(chance.uniform(4, 10))
                if not queued.exists():
                    break
                server.kill()
                killed += 1
                server.start()
            wait_for(lambda: not queued.exists(), seconds=1_500, why=lambda: str(queued.count()))
            seconds = time.monotonic() - began
            came = services.arrived()
    finally:
        server.stop()
    return {
        "arrived": sum(len(set(one.seen)) for one in came.values()),
        "misplaced": sum(misplaced(one.seen) for one in came.values()),
        "told": {
            kind: {
                "arrived": len(set(one.seen)),
                "doubled": len(one.seen) - len(set(one.seen)),
                "repeats": one.raw - len(set(one.seen)),
                "keyed": kind in KEYED,
            }
            for kind, one in came.items()
        },
        "missing": count - sum(len(set(one.seen)) for one in came.values()),
        "calls": services.calls,
        "failed": dict(services.failed),
        "seconds": seconds,
        "killed": killed,
        "load": load,
    }


if __name__ == "__main__":
    main()
