"""One at a time for each key, and no call missed."""

import logging
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chatbot.background import Threads, Turns

SECONDS = 20  # until a test gives up on another thread


def started(target: Callable[[], object]) -> threading.Thread:
    """Run `target` on a thread of its own."""
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


class Gate:
    """A step that says when it has begun, and goes on when it is let."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.times = 0

    def __call__(self) -> bool:
        self.times += 1
        self.begun.set()
        assert self.go_on.wait(SECONDS)
        return False


def test_the_work_is_repeated_until_nothing_is_left() -> None:
    left = [3, 2, 1]
    Turns().take(1, lambda: bool(left and left.pop()))
    assert left == []


def test_a_call_meanwhile_returns_at_once_and_the_work_goes_round_again() -> None:
    turns, step = Turns(), Gate()
    worker = started(lambda: turns.take(1, step))
    assert step.begun.wait(SECONDS)
    for _ in range(3):  # however many came, one more round sees all of them
        turns.take(1, lambda: pytest.fail("two at a time"))
    assert step.times == 1
    step.go_on.set()
    worker.join(SECONDS)
    assert not worker.is_alive()
    assert step.times == 2


def test_a_call_from_within_the_work_goes_round_again() -> None:
    turns, rounds = Turns(), []

    def step() -> bool:
        rounds.append(1)
        if len(rounds) == 1:
            turns.take(1, step)
        return False

    turns.take(1, step)
    assert len(rounds) == 2


def test_other_keys_do_not_wait() -> None:
    turns, slow, other = Turns(), Gate(), []
    worker = started(lambda: turns.take(1, slow))
    assert slow.begun.wait(SECONDS)
    turns.take(2, lambda: bool(other.append(1)))
    assert other == [1]
    slow.go_on.set()
    worker.join(SECONDS)


def test_a_key_is_free_again_afterwards() -> None:
    turns, rounds = Turns(), []
    for _ in range(3):
        turns.take(1, lambda: bool(rounds.append(1)))
    assert len(rounds) == 3


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_frees_the_key_and_is_told(error: type[BaseException]) -> None:
    turns, rounds = Turns(), []

    def broken() -> bool:
        raise error("broken")

    with pytest.raises(error, match="broken"):
        turns.take(1, broken)
    turns.take(1, lambda: bool(rounds.append(1)))
    assert rounds == [1]


def test_a_call_that_came_before_the_error_is_not_lost_silently() -> None:
    """The error reaches the caller, who logs it; the next call does the work of both."""
    turns, begun, go_on = Turns(), threading.Event(), threading.Event()
    pending = {"first", "second"}
    failed: list[BaseException] = []

    def broken() -> bool:
        begun.set()
        assert go_on.wait(SECONDS)
        raise RuntimeError("broken")

    def work() -> None:
        try:
            turns.take(1, broken)
        except RuntimeError as error:
            failed.append(error)

    worker = started(work)
    assert begun.wait(SECONDS)
    turns.take(1, lambda: pytest.fail("two at a time"))
    go_on.set()
    worker.join(SECONDS)
    assert len(failed) == 1
    turns.take(1, lambda: bool(pending and pending.pop()))
    assert pending == set()


def test_under_eight_threads_nothing_is_missed_and_nothing_overlaps() -> None:
    turns, keys = Turns(), range(3)
    inside: Counter[int] = Counter()
    overlaps: list[int] = []
    waiting: dict[int, list[int]] = {key: [] for key in keys}
    done: dict[int, list[int]] = {key: [] for key in keys}
    ready = threading.Barrier(8)

    def step(key: int) -> bool:
        inside[key] += 1
        if inside[key] > 1:
            overlaps.append(key)
        found = waiting[key][:1]
        if found:
            done[key].append(waiting[key].pop(0))
        inside[key] -= 1
        return bool(found)

    def caller(number: int) -> None:
        luck = random.Random(number)
        ready.wait(SECONDS)
        for i in range(500):
            key = luck.choice(keys)
            waiting[key].append(number * 1000 + i)
            turns.take(key, lambda key=key: step(key))

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(caller, number) for number in range(8)]:
            future.result(SECONDS)
    assert not overlaps
    assert not any(waiting.values())
    assert sorted(n for items in done.values() for n in items) == sorted(
        number * 1000 + i for number in range(8) for i in range(500)
    )


def test_threads_take_no_work_before_they_are_started() -> None:
    threads, ran = Threads(1), threading.Event()
    threads.submit(ran.set)
    assert threads.wait_idle(0)
    threads.start()
    threads.submit(lambda: None)
    assert threads.wait_idle(SECONDS)
    assert not ran.is_set()


def test_threads_can_be_waited_for() -> None:
    threads, begun, go_on, done = Threads(2), threading.Event(), threading.Event(), []
    threads.start()
    assert threads.wait_idle(0)

    def work() -> None:
        begun.set()
        assert go_on.wait(SECONDS)
        done.append(1)

    for _ in range(5):  # more than there are threads: what waits for one counts too
        threads.submit(work)
    assert begun.wait(SECONDS)
    assert not threads.wait_idle(0)
    go_on.set()
    assert threads.wait_idle(SECONDS)
    assert len(done) == 5


def test_work_that_starts_work_is_waited_for() -> None:
    threads, done = Threads(1), []
    threads.start()
    threads.submit(lambda: threads.submit(lambda: done.append(1)))
    assert threads.wait_idle(SECONDS)
    assert done == [1]


def test_work_that_fails_is_logged_and_the_threads_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    threads, done = Threads(1), []
    threads.start()

    def broken() -> None:
        raise RuntimeError("the shelf is empty")

    with caplog.at_level(logging.ERROR, logger="chatbot.background"):
        threads.submit(broken)
        threads.submit(lambda: done.append(1))
        assert threads.wait_idle(SECONDS)
    assert done == [1]
    [record] = caplog.records
    assert record.getMessage() == "background work failed"
    assert "the shelf is empty" in (record.exc_text or str(record.exc_info))


def test_eight_threads_finish_what_eight_callers_give_them() -> None:
    threads, done, ready = Threads(8), [], threading.Barrier(8)
    threads.start()

    def caller() -> None:
        ready.wait(SECONDS)
        for i in range(200):
            threads.submit(lambda i=i: done.append(i))

    callers = [started(caller) for _ in range(8)]
    for thread in callers:
        thread.join(SECONDS)
    assert threads.wait_idle(SECONDS)
    assert Counter(done) == Counter(dict.fromkeys(range(200), 8))


def test_a_hint_waits_for_nobody_and_makes_nobody_wait() -> None:
    threads, begun, go_on = Threads(2), threading.Event(), threading.Event()
    threads.start()
    assert threads.has_room()

    def work() -> None:
        begun.set()
        assert go_on.wait(SECONDS)

    threads.submit(work)
    assert begun.wait(SECONDS)
    assert not threads.has_room()  # the other thread is for the work that comes next
    go_on.set()
    assert threads.wait_idle(SECONDS)
    assert threads.has_room()


def test_threads_know_their_own() -> None:
    threads, seen = Threads(1), []
    threads.start()
    threads.submit(lambda: seen.append(threads.is_own()))
    assert threads.wait_idle(SECONDS)
    assert seen == [True]
    assert not threads.is_own()
