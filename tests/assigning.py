"""A queue that several processes give to people at once: python -m tests.assigning <deed>."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.world import ROOT, environment

WAITING = 120
PLACES = 40


def race(data: Path, *, processes: int = 3, **env: str) -> None:
    """Let processes assign one queue at the same moment, and check that each was given once."""
    _run("prepare", data, **env).communicate()
    running = [_run("assign", data, **env) for _ in range(processes)]
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    given = []
    for one in running:
        out, _ = one.communicate(timeout=120)
        assert one.returncode == 0, out
        given.append(int(out.strip()))
    checked = _run("check", data, **env)
    out, _ = checked.communicate(timeout=60)
    assert checked.returncode == 0, out
    assert sum(given) == int(out), (given, out)


def _run(deed: str, data: Path, **env: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.assigning", deed],
        cwd=ROOT,
        env=environment(data, **env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


# --- In a process of its own ------------------------------------------------------------------
def _prepare() -> None:
    """Have everybody here with few places, and many who wait."""
    from django.utils import timezone

    from chatbot.conversations.models import Channel, Contact, ContactIdentity, Conversation
    from chatbot.routing.models import AgentConnection, AgentProfile

    now = timezone.now()
    agents = list(AgentProfile.objects.all())
    Conversation.objects.exclude(status="resolved").update(status="resolved")
    for agent in agents:
        agent.capacity = PLACES // len(agents)
        agent.save()
        AgentConnection.objects.update_or_create(
            socket=f"race-{agent.pk}",
            defaults={"agent": agent, "heard_at": now + timedelta(minutes=10)},
        )
    channel = Channel.objects.filter(kind="website").earliest("pk")
    for number in range(WAITING):
        contact = Contact.objects.create()
        identity = ContactIdentity.objects.create(
            contact=contact, channel=channel, external_id=f"race-{number}"
        )
        Conversation.objects.create(
            channel=channel,
            contact=contact,
            identity=identity,
            status="queued",
            reason="customer_request",
            handoff={"at": now.isoformat()},
            handed_off_at=now,
            waiting_since=now,
        )


def _assign() -> int:
    from chatbot.routing.assigning import assign_waiting

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    given, idle_since = 0, time.monotonic()
    while time.monotonic() - idle_since < 2:
        now = assign_waiting()
        if now:
            given, idle_since = given + now, time.monotonic()
    return given


def _check() -> int:
    """Return how many were given, each once and nobody more than their places."""
    from django.db.models import Count

    from chatbot.conversations.models import Conversation, Message
    from chatbot.routing.models import AgentProfile, Assignment

    raced: dict[str, Any] = {"conversation__identity__external_id__startswith": "race-"}
    rows = Assignment.objects.filter(agent__isnull=False, **raced)
    twice = rows.values("conversation").annotate(times=Count("pk")).filter(times__gt=1)
    assert not twice.exists(), list(twice)
    joined = Message.objects.filter(kind="notice", **raced).values("conversation")
    assert not joined.annotate(times=Count("pk")).filter(times__gt=1).exists()
    for agent in AgentProfile.objects.all():
        has = Conversation.objects.filter(status="assigned", assignee_id=agent.user_id).count()
        assert has == agent.capacity, (agent.name, has)
    return rows.count()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatbot.settings")
    import django

    django.setup()
    deeds = {"prepare": _prepare, "assign": _assign, "check": _check}
    sys.stdout.write(f"{deeds[sys.argv[1]]()}\n")
