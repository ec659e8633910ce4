"""Much at once, services that fail, our own death, broken mails: nothing lost, nothing doubled.

The same in large, with figures, is in the benchmark: channels, delivery and mails.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bench.measure import run_child
from tests.channels_adapters import broken_mails
from tests.channels_adapters.flaky import KEYED, flaky, misplaced
from tests.channels_adapters.http.system import message
from tests.channels_adapters.storm import Services, is_quiet, waiting, write, wrong
from tests.channels_adapters.worlds import EmailWorld, HttpWorld, world_of
from tests.world import Server, Visitor, wait_for

pytestmark = pytest.mark.usefixtures("clean")


def test_each_webhook_of_many_is_acknowledged_and_recorded_once_and_in_order(
    server: Server, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        services = Services(server, stack)
        calls = services.storm(400, texts=20)
        write(calls, tmp_path / "calls")
        spec = {"file": str(tmp_path / "calls"), "host": "127.0.0.1", "port": server.port}
        made = run_child("callers", {**spec, "rate": 100}, seconds=60)
        assert made["failed"] == {}
        wait_for(is_quiet, seconds=60, why=lambda: str(waiting()))
        assert wrong(calls) == []
        assert services.replies() > len(calls) // 2  # some conversations are people's by then


def test_messages_arrive_in_order_though_services_fail_and_we_are_killed(server: Server) -> None:
    from chatbot.conversations.models import Delivery

    queued = Delivery.objects.filter(state=Delivery.State.QUEUED)
    conversations, messages = 30, 2
    with flaky(server, share=0.2) as services:
        services.record(conversations, messages)
        wait_for(lambda: queued.count() < conversations * messages // 2, seconds=30)
        server.kill()
        server.start()
        wait_for(lambda: not queued.exists(), seconds=60, why=lambda: str(queued.count()))
        came = services.arrived()
    assert sum(len(set(one.seen)) for one in came.values()) == conversations * messages
    assert [misplaced(one.seen) for one in came.values()] == [0] * len(came)
    assert [len(came[kind].seen) - len(set(came[kind].seen)) for kind in KEYED] == [0, 0, 0]
    assert services.failed


def test_no_broken_mail_is_lost(server: Server) -> None:
    from chatbot.conversations.models import Channel, ReceivedEvent

    with world_of("email", server) as world:
        assert isinstance(world, EmailWorld)
        channel = Channel.objects.filter(kind="email", is_active=True).latest("pk")
        sent = broken_mails.send(world.port, world.address, 60)
        events = ReceivedEvent.objects.filter(channel=channel)
        wait_for(lambda: not events.filter(state="waiting").exists(), seconds=60)
        told = broken_mails.outcomes(channel, world.address, sent)
    assert told.total() == 60
    assert {kind for kind in told if kind.startswith(("lost", "turned"))} == set()


def test_services_that_hang_hold_up_nobody_on_the_website(
    server: Server, visitor: Callable[..., Visitor]
) -> None:
    released = threading.Event()
    hanging: list[int] = []

    def hang() -> None:
        hanging.append(1)
        released.wait(60)

    with ExitStack() as stack:
        worlds = [stack.enter_context(world_of("http", server)) for _ in range(2)]
        for world in worlds:
            assert isinstance(world, HttpWorld)
            world.system.fail = hang
            for customer in range(3):
                said = message("How long does delivery take?", f"c-{customer}")
                assert world.system.post(world.hook, said).status_code == 200
        wait_for(lambda: len(hanging) >= 2, seconds=20)
        karen = visitor("en")
        karen.open()
        assert karen.ask("Can I pay with MobilePay?")["text"]
        released.set()
        for world in worlds:
            wait_for(lambda world=world: len(world.replies()) == 3, seconds=30)
