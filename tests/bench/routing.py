"""Part 12: ranking two hundred agents, and handoffs at a hundred a second to their person.

A handoff is the whole of it, from the call that brings a person to the commit: reasons, ranking,
the claim, the assignment with every candidate, and what the customer is told. Its latency counts
from when it was due (open loop): one that waits for another is late. On PostgreSQL too, where one
is there: SVAR_TEST_FSYNC=on tools/with-services python -m tests.bench routing
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.bench.measure import percentile, run_child
from tests.bench.report import Figure, Report
from tests.services.machines import DATABASE_URL, create_database
from tests.world import copy_shop, environment, manage

_RANK_MS, _ASSIGN_MS, _A_SECOND = 5.0, 50.0, 100.0


def measure(report: Report, shop: Path, folder: Path, *, quick: bool) -> None:
    """Report the ranking, and the handoffs beside bare writes of a row each."""
    found = _rounds(shop, folder, "SQLite", quick=quick)
    report.figures.append(
        Figure(
            "routing",
            "rank_agents, 200 agents, median",
            "ms",
            [one["rank_ms"] for one in found],
            baseline_name="sorting them by open conversations",
            baseline=[one["sort_ms"] for one in found],
            target=_RANK_MS,
        )
    )
    _report(report, "SQLite", found)
    if DATABASE_URL:
        _report(report, "PostgreSQL", _rounds(shop, folder, "PostgreSQL", quick=quick))
    else:
        report.notes.append("Handoffs on PostgreSQL: by tools/with-services.")


def _rounds(shop: Path, folder: Path, database: str, *, quick: bool) -> list[dict[str, Any]]:
    found = []
    for number in range(1 if quick else 3):
        data = copy_shop(shop, folder / f"routing-{database}-{number}")
        spec = {
            "data": str(data),
            "handoffs": 300 if quick else 2_000,
            "rankings": 50 if quick else 300,
            "env": {},
        }
        if database == "PostgreSQL":
            spec["env"] = {"SVAR_DATABASE_URL": create_database(f"routing_{number}")}
            manage("migrate", "-v0", data=data, **spec["env"])
            manage("load_demo", data=data, **spec["env"])
        found.append(run_child("routing", spec, seconds=600))
    return found


def _report(report: Report, database: str, found: list[dict[str, Any]]) -> None:
    report.figures.append(
        Figure(
            "routing",
            f"a handoff at {_A_SECOND:.0f}/s, {database}, p95",
            "ms",
            [one["p95_ms"] for one in found],
            baseline_name="one row written in a transaction, at the same pace, p95",
            baseline=[one["bare_p95_ms"] for one in found],
            target=_ASSIGN_MS,
        )
    )
    report.notes.append(
        f"Handoffs on {database}: p50 "
        + ", ".join(f"{one['p50_ms']:.1f} ms" for one in found)
        + "; given to a person "
        + ", ".join(f"{one['given']} of {one['handoffs']}" for one in found)
        + "."
    )


# --- In a process of its own ------------------------------------------------------------------
def _rank(times: int) -> dict[str, float]:
    from django.utils import timezone

    from chatbot.routing.learning import Estimate
    from chatbot.routing.policy import Agent, Needs, Requirement, rank_agents

    agents = [
        Agent(
            id=number,
            name=f"agent {number}",
            skills={"orders": 1 + number % 5, "billing": 3},
            languages=frozenset({"da", "en"}),
            open=number % 4,
            complexity=number % 4 * 0.4,
            hours={str(day): [["00:00", "23:59"]] for day in range(7)},
            zone="Europe/Copenhagen",
            expertise={"returns": Estimate(cases=number % 30, log_minutes=2 + number % 7 / 5)},
        )
        for number in range(200)
    ]
    needs = Needs((Requirement(frozenset({"orders"})),), "da", "returns")
    now = timezone.now()
    ranked, plain = [], []
    for _ in range(times):
        began = time.perf_counter()
        rank_agents(needs, agents, now)
        ranked.append(time.perf_counter() - began)
        began = time.perf_counter()
        sorted(agents, key=lambda agent: (agent.open, agent.id))
        plain.append(time.perf_counter() - began)
    return {
        "rank_ms": percentile(ranked, 0.5) * 1_000,
        "sort_ms": percentile(plain, 0.5) * 1_000,
    }


def _crowd(count: int) -> list[Any]:
    """Have everybody here with room for all, and conversations that are with the bot."""
    from django.utils import timezone

    from chatbot.conversations.models import Channel, Contact, ContactIdentity, Conversation
    from chatbot.routing.models import AgentConnection, AgentProfile

    now = timezone.now()
    for agent in AgentProfile.objects.all():
        agent.capacity = count
        agent.save()
        AgentConnection.objects.create(
            socket=f"bench-{agent.pk}", agent=agent, heard_at=now + timedelta(hours=1)
        )
    channel = Channel.objects.filter(kind="website").earliest("pk")
    made = []
    for number in range(count):
        contact = Contact.objects.create()
        identity = ContactIdentity.objects.create(
            contact=contact, channel=channel, external_id=f"bench-{number}"
        )
        made.append(
            Conversation.objects.create(
                channel=channel, contact=contact, identity=identity, topic="returns"
            )
        )
    return made


def _paced(work: Any, things: list[Any]) -> list[float]:
    """Do `work` on each, one due every so often; return how long after that each was done."""
    from django.db import connection

    began = time.perf_counter() + 0.1

    def one(number: int) -> float:
        due = began + number / _A_SECOND
        time.sleep(max(0.0, due - time.perf_counter()))
        work(things[number])
        connection.close_if_unusable_or_obsolete()
        return (time.perf_counter() - due) * 1_000

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, range(len(things))))


def _handoffs(count: int) -> dict[str, float]:
    from django.db import transaction

    from chatbot.conversations.models import Conversation
    from chatbot.routing.handing import Brief, bring_person
    from chatbot.routing.models import Assignment

    conversations = _crowd(count)

    def bare(conversation: Any) -> None:
        with transaction.atomic():
            Conversation.objects.filter(pk=conversation.pk).update(page_title="x")

    written = _paced(bare, conversations)
    late = _paced(
        lambda conversation: bring_person(
            conversation=conversation, reason="customer_request", brief=Brief()
        ),
        conversations,
    )
    return {
        "p50_ms": percentile(late, 0.5),
        "p95_ms": percentile(late, 0.95),
        "bare_p95_ms": percentile(written, 0.95),
        "given": Assignment.objects.filter(agent__isnull=False).count(),
        "handoffs": count,
    }


if __name__ == "__main__":
    spec = json.loads(sys.argv[1])
    os.environ.update(environment(Path(spec["data"]), **spec["env"]))
    import django

    django.setup()
    measured = _rank(spec["rankings"]) | _handoffs(spec["handoffs"])
    sys.stdout.write(f"{json.dumps(measured)}\n")
