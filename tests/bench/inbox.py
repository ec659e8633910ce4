"""Part 13: the inbox's lists and searches over 10,000 open and 200,000 closed conversations.

Over real HTTP on a real server, one call after the other, as an agent's page asks: each beside the
least that the same stack can do, fifty rows by their primary keys. By itself this measures SQLite;
under `tools/with-services`, PostgreSQL.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.bench.measure import percentile, run_child
from tests.bench.report import Figure, Report
from tests.world import Agent, Server, copy_shop

_LIMIT_MS = 100.0
_TOPICS = ("delivery", "returns", "payment", "products", "account", "contact", "stores")
_RARE_TOPIC = "bench-rare"
_BATCH = 5_000
_MANY, _ALONE = 500, 20  # conversations
LISTS: dict[str, dict[str, str]] = {
    "queue": {"view": "queue"},
    "queue, due soonest": {"view": "queue", "sort": "due"},
    "all, due soonest": {"view": "all", "sort": "due"},
    "all, oldest": {"view": "all", "sort": "oldest"},
    "mine": {"view": "mine"},
    "all (open)": {"view": "all"},
    "mentions": {"view": "mentions"},
    "snoozed": {"view": "snoozed"},
    "not delivered": {"view": "failed"},
    "resolved": {"view": "all", "status": "resolved"},
    "open and resolved": {"view": "all", "status": "open,resolved"},
    "with the bot": {"view": "all", "status": "bot"},
    "assignee: nobody": {"view": "all", "assignee": "nobody"},
    "assignee: me, resolved": {"view": "all", "assignee": "me", "status": "resolved"},
    "channel, resolved": {"view": "all", "channels": "email", "status": "resolved"},
    "topic, resolved": {"view": "all", "topics": "returns", "status": "resolved"},
    "rare topic, resolved": {"view": "all", "topics": _RARE_TOPIC, "status": "resolved"},
    "label, open": {"view": "all", "labels": "{often}"},
    "rare label, resolved": {"view": "all", "labels": "{seldom}", "status": "resolved"},
    "frequent label, resolved": {"view": "all", "labels": "{often}", "status": "resolved"},
    "urgent, resolved": {"view": "all", "priorities": "urgent", "status": "resolved"},
    "language, resolved": {"view": "all", "languages": "sv", "status": "resolved"},
    "no such language": {"view": "all", "languages": "fi", "status": "open,resolved"},
    "VIP, resolved": {"view": "all", "vip": "true", "status": "resolved"},
    "waiting": {"view": "all", "waiting": "true"},
    "overdue": {"view": "all", "overdue": "true"},
    "not overdue": {"view": "all", "overdue": "false"},
    "snoozed by anybody": {"view": "all", "snoozed": "true"},
    "blocked contacts": {"view": "all", "blocked": "true", "status": "open,resolved"},
    "unseen mentions": {"view": "all", "mentions": "unseen"},
    "VIP, urgent, Danish, open": {
        "view": "all", "vip": "true", "priorities": "urgent", "languages": "da",
    },
    "mine, topic, waiting": {"view": "mine", "topics": "returns", "waiting": "true"},
    "resolved, email, label, Danish, VIP": {
        "view": "all", "status": "resolved", "channels": "email", "labels": "{often}",
        "languages": "da", "vip": "true",
    },
    "search: rare word": {"view": "all", "q": "zirkonblau "},
    "search: common word": {"view": "all", "q": "order "},
    "search: two common words": {"view": "all", "q": "order please "},
    "search: prefix": {"view": "all", "q": "pac"},
    "search: short prefix": {"view": "all", "q": "de"},
    "search: phrase": {"view": "all", "q": '"where is my order"'},
    "search: name": {"view": "all", "q": "from:mikkel"},
    "search: name and word": {"view": "all", "q": "mikkel broken "},
    "search: address": {"view": "all", "q": "kunde123456@example.com"},
    "search: nothing found": {"view": "all", "q": "quetzalcoatl "},
    "search: common word, open": {"view": "all", "q": "order is:open"},
    "search: common word, rare label": {"view": "all", "q": "order ", "labels": "{seldom}"},
    "search: common word, mine": {"view": "mine", "q": "order "},
    "search: common word, VIP": {"view": "all", "q": "order ", "vip": "true"},
    "search: common word, rare topic": {"view": "all", "q": "order ", "topics": _RARE_TOPIC},
    "search: common word, before a date": {"view": "all", "q": "order before:{early}"},
}  # fmt: skip


def measure(report: Report, shop: Path, folder: Path, *, quick: bool) -> None:
    """Fill a copy of the shop, or a database of PostgreSQL, and ask for every list."""
    sizes = {"open": 1_000, "closed": 10_000} if quick else {"open": 10_000, "closed": 200_000}
    with ExitStack() as stack:
        data, env, where = _database(shop, folder, stack)
        spec = {"data": str(data), "env": env, **sizes}
        print(f"  filling {where} ...", flush=True)
        filled = run_child("inbox", spec, seconds=3_000)
        server = Server(data, **env).start()
        stack.callback(server.stop)
        agents = [Agent(server, name) for name in ("mette", "freja", "jonas")]
        for agent in agents:
            stack.callback(agent.close)
        _ask(report, agents, filled, where, times=10 if quick else 40)
        _do_many(report, agents[0], where)
    report.notes.append(
        f"Inbox: {filled['conversations']:,} conversations, {filled['messages']:,} messages,"
        f" filled in {filled['seconds']:.0f} s, {filled['megabytes']:.0f} MB on {where}."
    )


def _database(shop: Path, folder: Path, stack: ExitStack) -> tuple[Path, dict[str, str], str]:
    data = copy_shop(shop, folder / "inbox")
    if "SVAR_TEST_DATABASE_URL" not in os.environ:
        return data, {}, "SQLite"
    from tests.services.machines import create_database, database_url, load_small_shop

    create_database("inbox")
    env = {"SVAR_DATABASE_URL": database_url("inbox")}
    load_small_shop(data, **env)
    return data, env, "PostgreSQL"


def _ask(
    report: Report, agents: Sequence[Agent], filled: dict[str, Any], where: str, *, times: int
) -> None:
    bare = _timed(
        lambda: agents[0].http.get("/api/v1/inbox/conversations", params=_only(filled)), times
    )
    for number, (name, query) in enumerate(LISTS.items()):
        # Whose lists it is does not matter but in their own views; one alone may not ask so often.
        agent = agents[number % 3 if query["view"] == "all" and "assignee" not in query else 0]
        asked = {key: value.format(**filled) for key, value in query.items()}

        def call(asked: dict[str, str] = asked, agent: Agent = agent) -> httpx.Response:
            return agent.http.get("/api/v1/inbox/conversations", params=asked)

        found = len(call().raise_for_status().json()["results"])
        took = _timed(call, times)
        report.figures.append(
            Figure(
                "inbox",
                f"{where}: {name}, p95 (p50 {percentile(took, 0.5):.0f}, {found} rows)",
                "ms",
                [percentile(took, 0.95)],
                "50 rows by key, p95",
                [percentile(bare, 0.95)],
                _LIMIT_MS,
            )
        )


def _do_many(report: Report, agent: Agent, where: str) -> None:
    """Resolve as many as can be at once, and undo it: each beside doing it to one."""
    page = agent.get("conversations", view="all")
    ids = [row["id"] for row in page["results"]]
    while page["next"] and len(ids) < _MANY + _ALONE:
        page = agent.http.get(page["next"]).raise_for_status().json()
        ids += [row["id"] for row in page["results"]]
    assert len(ids) >= _MANY + _ALONE
    agent.http.timeout = 120
    many, *alone = [_done(agent, some) for some in (ids[:_MANY], *([pk] for pk in ids[_MANY:]))]
    for number, name in enumerate(("resolve", "undo")):
        took = many[number] / _MANY
        figure = f"{where}: {name} {_MANY} at once ({many[number] / 1_000:.1f} s), each"
        each = [one[number] for one in alone]
        report.figures.append(Figure("inbox", figure, "ms", [took], "one alone", each))


def _done(agent: Agent, ids: list[int]) -> tuple[float, float]:
    """Return how many milliseconds resolving them takes, and undoing it."""
    began = time.perf_counter()
    done = agent.post("deeds", deed="resolve", ids=ids, values={})
    between = time.perf_counter()
    undone = agent.post(f"deeds/{done['id']}/undo")
    ended = time.perf_counter()
    assert len(done["rows"]) == len(undone["rows"]) == len(ids)
    return (between - began) * 1_000, (ended - between) * 1_000


def _only(filled: dict[str, Any]) -> dict[str, str]:
    return {"view": "all", "status": "open,resolved", "only": filled["some"]}


def _timed(call: Callable[[], httpx.Response], times: int) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        call().raise_for_status()
        took.append((time.perf_counter() - began) * 1_000)
    return took


# --- In a process of its own ------------------------------------------------------------------
_NAMES = ("Mikkel", "Anna", "Ingrid", "Peter", "Sofie", "Lars", "Emma", "Jonas", "Freja", "Karl")
_FAMILIES = ("Lund", "Krag", "Berg", "Holm", "Dahl", "Sørensen", "Åberg", "Müller", "Nilsson")
_COMMON = [
    "the",
    "order",
    "please",
    "my",
    "is",
    "not",
    "it",
    "and",
    "to",
    "for",
    "have",
    "a",
    "package",
    "delivery",
    "return",
    "when",
    "can",
    "you",
    "I",
    "was",
    "with",
    "broken",
    "arrived",
    "lamp",
    "table",
    "chair",
    "blanket",
    "pot",
    "colour",
    "blue",
    "green",
    "size",
    "received",
    "refund",
    "money",
    "address",
    "invoice",
    "payment",
    "card",
    "parcel",
    "tracking",
    "number",
    "today",
    "yesterday",
    "week",
    "hej",
    "jeg",
    "har",
    "ikke",
    "min",
    "bestilling",
    "hvornår",
    "kommer",
    "pakken",
    "tak",
    "mvh",
    "venlig",
    "hilsen",
    "ordre",
]


def _texts(chance: random.Random) -> Iterator[str]:
    """Yield texts of 5 to 60 words: some words in every third, most in a few, some in one."""
    rare = [f"{a}{b}{c}" for a in ("vor", "kal", "ste", "bru", "mi", "tro", "fa", "lin")
            for b in ("ne", "da", "po", "gri", "su", "ha", "le") for c in range(150)]  # fmt: skip
    words = _COMMON * 20 + rare
    while True:
        said = chance.choices(words, k=chance.choice((5, 8, 12, 18, 25, 40, 60)))
        if chance.random() < 0.05:
            said[1:1] = ["where", "is", "my", "order"]
        if chance.random() < 0.00002:
            said.append("zirkonblau")
        yield " ".join(said)


def _fill(opened: int, closed: int) -> dict[str, Any]:
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.utils import timezone

    from chatbot.conversations.models import (
        Channel,
        Contact,
        ContactIdentity,
        Conversation,
        ConversationLabel,
        Label,
        Message,
    )
    from chatbot.inbox.models import Mention

    chance = random.Random(20261122)
    now = timezone.now()
    texts = _texts(chance)
    channels = [
        Channel.objects.filter(kind="website").earliest("pk"),
        Channel.objects.create(kind="email", name="Bench", key="bench-mail"),
    ]
    users = list(get_user_model().objects.order_by("pk").values_list("pk", flat=True))
    mette = get_user_model().objects.get(username="mette")
    often = Label.objects.create(name="bench often")
    seldom = Label.objects.create(name="bench seldom")
    count = opened + closed
    first = (Contact.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    first = max(first, 1_000)
    began = time.perf_counter()
    for start in range(0, count, _BATCH):
        numbers = range(start, min(start + _BATCH, count))
        made: dict[Any, list[Any]] = {Contact: [], ContactIdentity: [], Conversation: []}
        said: list[Message] = []
        labels: list[ConversationLabel] = []
        mentioned: list[int] = []
        for number in numbers:
            pk = first + number
            # The closed ones first, over two years; the open ones are of the last weeks, mostly.
            is_open = number >= closed or (number % 400 == 0 and number > closed // 2)
            at = now - timedelta(minutes=5.0 * (count - number))
            name = f"{chance.choice(_NAMES)} {chance.choice(_FAMILIES)}"
            channel = channels[number % 3 == 0]
            made[Contact].append(
                Contact(
                    pk=pk, name=name, email=f"kunde{number}@example.com", is_vip=number % 97 == 0,
                    blocked_at=at if number % 1_999 == 0 else None, created_at=at,
                )
            )  # fmt: skip
            made[ContactIdentity].append(
                ContactIdentity(
                    pk=pk, contact_id=pk, channel=channel, name=name,
                    external_id=(
                        f"kunde{number}@example.com" if channel.kind == "email" else f"b{pk}"
                    ),
                )
            )  # fmt: skip
            status = (
                ("queued", "assigned", "bot", "assigned")[number % 4] if is_open else "resolved"
            )
            text = next(texts)
            made[Conversation].append(
                Conversation(
                    pk=pk, contact_id=pk, identity_id=pk, channel=channel, status=status,
                    assignee_id=None if status in ("bot", "queued") else users[number % len(users)],
                    subject=text[:60] if channel.kind == "email" else "",
                    language=("da", "sv", "en", "de")[number % 4 if number % 5 else 0],
                    topic=_RARE_TOPIC if number % 20_011 == 7 else _TOPICS[number % len(_TOPICS)],
                    priority=(
                        "urgent" if number % 211 == 0 else "high" if number % 13 == 0 else "normal"
                    ),
                    preview_text=text[:160], created_at=at, last_message_at=at,
                    handed_off_at=at if status != "bot" else None,
                    waiting_since=at if is_open and number % 3 else None,
                    resolved_at=None if is_open else at,
                    snoozed_until=now + timedelta(days=1) if is_open and number % 50 == 1 else None,
                    snoozed_by=mette if is_open and number % 50 == 1 else None,
                    reply_due_at=(
                        now + timedelta(hours=number % 30 - 3)
                        if is_open and number % 5 == 0
                        else None
                    ),
                    dialogue={"seen": text},
                    handoff={"question": text, "form": [["order", "10234"]]},
                )
            )  # fmt: skip
            if number % 25 == 0:
                labels.append(ConversationLabel(conversation_id=pk, label=often))
            if number % 9_001 == 5:
                labels.append(ConversationLabel(conversation_id=pk, label=seldom))
            if number % 997 == 0:
                mentioned.append(pk)
            for turn in range(chance.choice((2, 3, 4, 4, 5, 6))):
                said.append(
                    Message(
                        conversation_id=pk, channel=channel, text=text if not turn else next(texts),
                        author=("contact", "bot", "contact", "agent")[turn % 4],
                        kind="note" if turn == 5 else "text",
                        created_at=at - timedelta(minutes=6 - turn),
                    )
                )  # fmt: skip
        for model, rows in made.items():
            model.objects.bulk_create(rows, batch_size=1_000)
        Message.objects.bulk_create(said, batch_size=1_000)
        ConversationLabel.objects.bulk_create(labels)
        notes = Message.objects.filter(conversation_id__in=mentioned).order_by("pk")
        Mention.objects.bulk_create(
            [Mention(message_id=note, user=mette, seen_at=None if note % 2 else now)
             for note in notes.values_list("pk", flat=True)]
        )  # fmt: skip
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in ("contact", "contactidentity", "conversation", "message"):
                name = f"conversations_{table}"
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"  # noqa: S608
                )
            cursor.execute("VACUUM ANALYZE")  # as autovacuum does before long
            cursor.execute("SELECT pg_database_size(current_database())")
            size = cursor.fetchone()[0]
    else:
        size = Path(str(connection.settings_dict["NAME"])).stat().st_size
    some = chance.sample(range(first, first + count), 50)
    return {
        "often": often.pk,
        "seldom": seldom.pk,
        "early": (now - timedelta(minutes=5.0 * count * 0.8)).date().isoformat(),
        "some": ",".join(map(str, some)),
        "conversations": Conversation.objects.count(),
        "messages": Message.objects.count(),
        "seconds": time.perf_counter() - began,
        "megabytes": size / 2**20,
    }


def _main(arguments: Sequence[str]) -> None:
    spec = json.loads(arguments[0])
    from tests.world import environment

    os.environ.update(environment(Path(spec["data"]), **spec["env"]))
    import django

    django.setup()
    sys.stdout.write(f"{json.dumps(_fill(spec['open'], spec['closed']))}\n")


if __name__ == "__main__":
    _main(sys.argv[1:])
