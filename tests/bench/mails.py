"""Part 11: broken mails by SMTP into a running server, and what became of each.

python -m tests.bench.mails '{"mails": 5000, "data": path}'
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench.channels import run_own
from tests.bench.report import Figure, Report
from tests.world import Server, copy_shop, wait_for


def measure(report: Report, shop: Path, folder: Path, *, quick: bool) -> None:
    """Send broken mails, and report how many of them nobody will ever see."""
    count = 300 if quick else 5_000
    data = str(copy_shop(shop, folder / "mails"))
    found = run_own("mails", {"mails": count, "data": data}, seconds=1_800)
    bad = sum(
        number for kind, number in found["told"].items() if kind.startswith(("lost", "turned"))
    )
    report.figures += [
        Figure("mails", "broken mails lost or turned away", "", [bad], "sent", [count], target=0),
        Figure("mails", "taken", "/s", [count / found["sent_in"]]),
        Figure("mails", "read and answered", "/s", [count / found["read_in"]]),
    ]
    report.notes.append(f"Broken mails: {found['told']}; load average before: {found['load']:.1f}.")


# --- In the process of its own ----------------------------------------------------------------
def main() -> None:
    """Measure as the argument says and print the figures as JSON."""
    import django

    django.setup()
    spec = json.loads(sys.argv[1])
    print(json.dumps(_measure(Path(spec["data"]), spec["mails"])))


def _measure(data: Path, count: int) -> dict[str, Any]:
    from chatbot.conversations.models import Channel, ReceivedEvent
    from tests.channels_adapters import broken_mails
    from tests.channels_adapters.worlds import EmailWorld, world_of

    load = os.getloadavg()[0]
    server = Server(data).start()
    try:
        with world_of("email", server) as world:
            assert isinstance(world, EmailWorld)
            channel = Channel.objects.filter(kind="email", is_active=True).latest("pk")
            events = ReceivedEvent.objects.filter(channel=channel, state="waiting")
            began = time.monotonic()
            sent = broken_mails.send(world.port, world.address, count)
            sent_in = time.monotonic() - began
            wait_for(lambda: not events.exists(), seconds=1_500, why=lambda: str(events.count()))
            read_in = time.monotonic() - began
            told = broken_mails.outcomes(channel, world.address, sent)
    finally:
        server.stop()
    return {"told": told, "sent_in": sent_in, "read_in": read_in, "load": load}


if __name__ == "__main__":
    main()
