"""The same journeys as on one machine, with settings of many: the parts meet in shared services."""

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.conf import settings

from tests.assigning import race
from tests.services.machines import QUESTION, Machines, create_database, load_small_shop
from tests.world import Agent, Visitor, wait_for

pytestmark = [pytest.mark.services, pytest.mark.timeout(240)]

Visitors = Callable[..., Visitor]
Agents = Callable[..., Agent]


def test_a_worker_answers_over_the_shared_channel_layer(
    machines: Machines, visitor: Visitors
) -> None:
    anna = visitor(machines.servers[0])
    anna.open()
    reply = anna.ask(QUESTION)
    assert reply["citations"][0]["title"] == QUESTION


def test_an_idle_socket_stays_open(machines: Machines, visitor: Visitors) -> None:
    tab = visitor(machines.servers[0]).open()
    tab.next("ready")
    time.sleep(6)  # longer than the channel layer waits for its next event
    tab.send({"type": "ping"})
    tab.next("pong")


def test_an_agent_on_another_server_gets_the_conversation_and_answers(
    machines: Machines, visitor: Visitors, agent: Agents
) -> None:
    mette = agent(machines.servers[1], "mette")
    inbox = mette.open()
    anna = visitor(machines.servers[0])
    tab = anna.open()
    anna.ask("I want to talk to a person")
    status = tab.next("conversation", lambda e: e["conversation"]["status"] == "assigned")
    assert status["conversation"]["agent"]["name"] == "Mette"
    row = inbox.next("row", lambda e: e["row"]["status"] == "assigned")["row"]

    mette.reply(row["id"], "Hello Anna, how can I help?")
    assert tab.message("agent")["text"] == "Hello Anna, how can I help?"
    anna.say("My parcel is wet")
    inbox.next("message", lambda e: e["message"]["text"] == "My parcel is wet")
    mette.post(f"conversations/{row['id']}/resolve")
    tab.next("conversation", lambda e: e["conversation"]["status"] == "resolved")


def test_two_who_take_and_reply_at_once_on_two_servers_never_both_do(
    machines: Machines, visitor: Visitors, agent: Agents
) -> None:
    pair = [agent(machines.servers[0], "mette"), agent(machines.servers[1], "jonas")]
    anna = visitor(machines.servers[0])
    anna.open()
    anna.ask("I want to talk to a person")
    row = pair[0].get("conversations", view="all", q="talk to a person")["results"][0]
    for _round in range(5):
        pair[0].post("deeds", deed="queue", ids=[row["id"]])
        known = pair[0].get(f"conversations/{row['id']}/messages")["messages"][-1]["id"]

        def at_once(one: Agent, known: int = known) -> tuple[int, int]:
            path = f"/api/v1/inbox/conversations/{row['id']}"
            took = one.http.post(f"{path}/take", json={"over": False})
            said = {"client_id": uuid.uuid4().hex, "text": "Hello", "seen": known}
            return took.status_code, one.http.post(f"{path}/reply", json=said).status_code

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(at_once, pair))
        assert sorted(took for took, _ in answers) == [200, 409], answers
        assert sorted(sent for _, sent in answers) == [201, 409], answers
    said = [one for one in anna.messages() if one["author"]["kind"] == "agent"]
    assert len(said) == 5


def test_who_waits_gets_the_person_who_comes_to_another_server(
    machines: Machines, visitor: Visitors, agent: Agents
) -> None:
    anna = visitor(machines.servers[1])
    tab = anna.open()
    anna.ask("I want to talk to a person")
    tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")
    agent(machines.servers[0], "mette").open()
    status = tab.next("conversation", lambda e: e["conversation"]["status"] == "assigned")
    assert status["conversation"]["agent"]["name"] == "Mette"


def test_two_tabs_on_different_servers_stay_in_step(machines: Machines, visitor: Visitors) -> None:
    first = visitor(machines.servers[0])
    second = visitor(machines.servers[1], token=first.token)
    tab, other = first.open(), second.open()
    other.next("ready")
    first.say(QUESTION)
    assert other.message("contact")["text"] == QUESTION
    assert other.message("bot")["id"] == tab.message("bot")["id"]
    second.say("thanks!")
    assert tab.message("contact")["text"] == "thanks!"
    assert tab.message("bot")["id"] == other.message("bot")["id"]


def test_half_a_dozen_messages_are_answered_in_order(machines: Machines, visitor: Visitors) -> None:
    rows = machines.rows(
        "SELECT title FROM knowledge_articletranslation WHERE language = 'en' ORDER BY id LIMIT 6"
    )
    asked = [str(title) for (title,) in rows]
    assert len(asked) == 6
    anna = visitor(machines.servers[0])
    anna.open()
    for title in asked:
        anna.say(title)
    replies = [anna.sockets[0].message("bot", seconds=20) for _ in asked]
    assert [reply["id"] for reply in replies] == sorted(reply["id"] for reply in replies)
    assert [reply["citations"][0]["title"] for reply in replies] == asked


@pytest.mark.parametrize("_again", range(4))
def test_a_message_delivered_20_times_at_once_is_recorded_once(
    machines: Machines, visitor: Visitors, _again: int
) -> None:
    anna = visitor(machines.servers[0])
    body = {"client_id": uuid.uuid4().hex, "text": QUESTION, "language": "en"}
    together = threading.Barrier(20)

    def send(number: int) -> httpx.Response:
        server = machines.servers[number % 2]
        together.wait()
        return httpx.post(
            f"{server.url}/api/v1/widget/messages", json=body, headers=anna.headers, timeout=30
        )

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["message"]["id"] for answer in answers}) == 1
    wait_for(lambda: len(anna.messages()) >= 2)
    assert [m["author"]["kind"] for m in anna.messages()] == ["contact", "bot"]


def test_a_crowd_of_100_is_shared_out_within_the_capacity(machines: Machines, clean: None) -> None:
    machines.write("UPDATE routing_agentprofile SET capacity = 0")
    machines.write(
        "UPDATE routing_agentprofile SET capacity = 5 WHERE name = 'Mette';"
        "UPDATE routing_agentprofile SET capacity = 7 WHERE name = 'Freja'"
    )
    # A backend that was not started takes no work: only the crowd's own threads answer.
    engine = {"SVAR_TASKS_BACKEND": "chatbot.background.ThreadBackend"}
    machines.run("-m", "tests.services.crowd", "100", **engine)
    per_agent = machines.rows(
        "SELECT a.name, count(*), max(a.capacity) FROM conversations_conversation c"
        " JOIN routing_agentprofile a ON a.user_id = c.assignee_id"
        " WHERE c.status = 'assigned' AND a.capacity > 0 GROUP BY a.name ORDER BY a.name"
    )
    assert per_agent == [("Freja", 7, 7), ("Mette", 5, 5)]
    statuses = dict(
        machines.rows(
            "SELECT status, count(*) FROM conversations_conversation c"
            " JOIN conversations_contactidentity i ON i.id = c.identity_id"
            " WHERE i.external_id LIKE 'crowd-%' GROUP BY status"
        )
    )
    assert sum(statuses.values()) == 100
    assert set(statuses) == {"assigned", "queued"}
    # Each was told once what happens now, and each had its routing explained.
    assert machines.rows(
        "SELECT count(*), count(DISTINCT m.conversation_id) FROM conversations_message m"
        " JOIN conversations_contactidentity i ON i.external_id LIKE 'crowd-%'"
        " JOIN conversations_conversation c ON c.identity_id = i.id AND c.id = m.conversation_id"
        " WHERE m.author = 'bot'"
    ) == [(100, 100)]


def test_connections_are_kept_and_not_piled_up(machines: Machines, visitor: Visitors) -> None:
    anna = visitor(machines.servers[0])
    anna.open()

    def connected() -> int:
        return len(machines.redis().client_list())

    def talk() -> None:
        for _ in range(8):
            anna.ask("hi there")

    talk()
    before = connected()
    time.sleep(5)  # a visitor may send 20 messages in 10 s
    talk()
    assert connected() <= before + 4


def test_all_recover_when_their_connections_break(machines: Machines, visitor: Visitors) -> None:
    machines.write(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    machines.redis().client_kill_filter(_type="normal", skipme=True)
    for server in machines.servers:
        anna = visitor(server)
        anna.open()
        assert anna.ask(QUESTION)["citations"][0]["title"] == QUESTION


def test_what_killed_workers_left_is_answered_once(machines: Machines, visitor: Visitors) -> None:
    crowd = [visitor(machines.servers[number % 2]) for number in range(20)]
    tabs = [someone.open() for someone in crowd]
    for number, someone in enumerate(crowd[:16]):
        someone.say(f"How long does delivery take to house number {number}?")
    tabs[0].message("bot")
    workers = [p for p in machines.programs if p.is_running and p.name.startswith("worker")]
    for worker in workers:
        worker.kill()
    for tab in tabs[:16]:
        tab.next("ack")
    pending = "SELECT count(*) FROM conversations_message WHERE state = 'pending'"
    assert machines.rows(pending) > [(0,)]  # they were killed in the middle of it
    for number, someone in enumerate(crowd[16:]):
        someone.say(f"How long does delivery take to room number {number}?")
    for tab in tabs[16:]:
        tab.next("ack")
    # A Redis that came back empty: nobody knows of the messages but the rows.
    machines.redis().delete("rq:queue:default")
    machines.worker("worker-3")
    machines.worker("worker-4")
    for tab in tabs[1:]:
        tab.message("bot", seconds=90)
    wait_for(lambda: machines.rows(pending) == [(0,)])
    for someone in crowd:
        assert [m["author"]["kind"] for m in someone.messages()] == ["contact", "bot"]


def test_an_edited_article_is_found_by_all(
    machines: Machines, visitor: Visitors, agent: Agents
) -> None:
    machines.manage(
        "shell",
        "--no-imports",
        "-c",
        "from knowledge.models import *; from knowledge.services import touch_articles;"
        "a = Article.objects.get(slug='gift-card');"
        "Question.objects.create(article=a, language='en', text='zorgle voucher flimflam');"
        "touch_articles(articles=[a])",
    )
    wait_for(
        lambda: machines.rows("SELECT 1 FROM knowledge_article WHERE indexed_at IS NULL") == [],
        seconds=20,
    )
    anna = visitor(machines.servers[0])
    anna.open()
    assert "gift" in anna.ask("zorgle voucher flimflam")["citations"][0]["title"].lower()


def test_neither_worker_nor_sweep_loads_a_server(machines: Machines) -> None:
    printed = machines.run("-m", "tests.services.imports")
    assert printed.split() == sorted(settings.BACKGROUND_TASKS)


def test_a_queue_in_postgresql_is_given_once(machines: Machines) -> None:
    empty = create_database("race")
    env = {**machines.env, "SVAR_DATABASE_URL": empty}
    load_small_shop(machines.folder / "operator", **env)
    race(machines.folder / "operator", processes=4, **env)
