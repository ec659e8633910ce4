"""Work behind the request, through Django's task API.

`enqueue` names the work; `settings.BACKGROUND_TASKS` says which task does it, and
`settings.TASKS` on which engine. `ThreadBackend` is the default engine: threads of this
process. It keeps nothing: the rows are the truth, and the sweeps in `chatbot.wiring` pick up
what a crash left.

There are three pools, so that nobody's answer waits for what has nothing to do with it: `threads`
answer, `callers` ask services outside, which may take a while to say anything, and `readers` read
what came in, as far as the answering keeps up.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import close_old_connections, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.signals import task_finished, task_started
from django_tasks.utils import get_random_id

logger = logging.getLogger(__name__)


def _between_tasks(**_: Any) -> None:
    close_old_connections()


# A worker of another engine lives long and serves no requests, at whose ends Django lets go of
# database connections; without this it would keep one that PostgreSQL has closed.
task_started.connect(_between_tasks, dispatch_uid="svar-task-started")
task_finished.connect(_between_tasks, dispatch_uid="svar-task-finished")


def enqueue(name: str, *args: Any) -> None:
    """Start the background work `name` with `args` once the current transaction has committed."""
    task: Task[Any, Any] = import_string(settings.BACKGROUND_TASKS[name])
    transaction.on_commit(lambda: _enqueue(task, args))


def hint(name: str, *args: Any) -> None:
    """Start the function `name` of `settings.BACKGROUND_HINTS` now, if a thread here is idle.

    For what the work after the commit will need anyway. Whether it runs must not matter: where
    everybody is busy, it would only make that work wait.
    """
    if settings.BACKGROUND_IN_PROCESS and threads.has_room():
        work = import_string(settings.BACKGROUND_HINTS[name])
        threads.submit(lambda: work(*args))


def _enqueue(task: Task[Any, Any], args: tuple[Any, ...]) -> None:
    try:
        task.enqueue(*args)
    except Exception:  # the engine may be away; the sweep will find the row
        logger.exception("could not enqueue %s", task.name)


class Threads:
    """A pool of threads that can be waited for.

    Until it is started it takes no work: a command that records rows and ends leaves them to
    the sweep of the process that serves.
    """

    def __init__(self, size: int, name: str = "svar") -> None:
        self._size = size
        self._pool = ThreadPoolExecutor(
            max_workers=size, thread_name_prefix=name, initializer=self._mark_own
        )
        self._own = threading.local()
        self._running = 0
        self.is_started = False
        self._idle = threading.Condition()

    def start(self) -> None:
        """Take work from now on."""
        self.is_started = True

    def _mark_own(self) -> None:
        self._own.here = True

    def is_own(self) -> bool:
        """Return whether the calling thread is one of these."""
        return getattr(self._own, "here", False)

    def has_room(self) -> bool:
        """Return whether a thread would begin with new work at once, and one more after it."""
        return self._running <= self._size - 2

    def submit(self, work: Callable[[], None]) -> None:
        """Run `work` on one of the threads; its errors are logged."""
        if not self.is_started:
            return
        with self._idle:
            self._running += 1
        self._pool.submit(work).add_done_callback(self._finished)

    def _finished(self, future: "Future[None]") -> None:
        error = future.exception()
        if error is not None:
            logger.error("background work failed", exc_info=error)
        with self._idle:
            self._running -= 1
            if self._running in (0, 2 * self._size):
                self._idle.notify_all()

    def wait_for_room(self, seconds: float = 1.0) -> None:
        """Wait, so long at most, while more is waiting here than is being done."""
        with self._idle:
            self._idle.wait_for(lambda: self._running <= 2 * self._size, timeout=seconds)

    def wait_idle(self, seconds: float = 30.0) -> bool:
        """Wait until nothing is running or waiting; return whether that was reached."""
        with self._idle:
            return self._idle.wait_for(lambda: self._running == 0, timeout=seconds)


threads = Threads(settings.BACKGROUND_THREADS)
callers = Threads(settings.CALLING_THREADS, "svar-calls")
readers = Threads(settings.READING_THREADS, "svar-reads")
_BESIDE = {
    settings.BACKGROUND_TASKS[name]: pool
    for name, pool in {
        "read": readers,
        "deliver-outside": callers,
        "fetch": callers,
        "describe": callers,
        "notice": callers,
        "typing": callers,
        "problem": callers,  # may ask a language model for a name
        "suggest": callers,  # for agents: no customer's answer waits for it
        "summarise": callers,
    }.items()
}


_AT_ONCE = {settings.BACKGROUND_TASKS["deliver"]}
_left: ContextVar[bool] = ContextVar("left_to_threads", default=False)


@contextmanager
def left_to_threads() -> Iterator[None]:
    """Have other threads do what follows: who changes many things has them all changed first."""
    token = _left.set(True)
    try:
        yield
    finally:
        _left.reset(token)


def _is_at_once(task: Task[Any, Any]) -> bool:
    """Return whether who asks for `task` does it: another thread would need longer to begin."""
    return task.module_path in _AT_ONCE and threads.is_started and not _left.get()


def start_threads() -> None:
    """Let all threads of this process take work from now on."""
    for pool in (threads, callers, readers):
        pool.start()


class Turns:
    """Lets one thread at a time of this process work on a key, and misses no call.

    A call for a key that is being worked on makes that work go round once more.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._called_again: dict[int, bool] = {}

    def take(self, key: int, step: Callable[[], bool]) -> None:
        """Run `step` until it returns False: nothing left to do."""
        with self._guard:
            if key in self._called_again:
                self._called_again[key] = True
                return
            self._called_again[key] = False
        try:
            while step() or self._goes_round(key):
                pass
        except BaseException:
            with self._guard:
                self._called_again.pop(key, None)
            raise

    def _goes_round(self, key: int) -> bool:
        with self._guard:
            if self._called_again[key]:
                self._called_again[key] = False
                return True
            del self._called_again[key]
            return False


class ThreadBackend(BaseTaskBackend):
    """Runs a task on a thread of this process. Results are not kept.

    What follows from work that such a thread does, it does itself, at once: the reply to one
    customer does not wait behind the questions of all others. So does a thread that serves an
    agent with what they wrote to a website: its way is a push to open sockets.
    """

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        self.validate_task(task)
        pool = _BESIDE.get(task.module_path, threads)
        if pool is threads and (threads.is_own() or _is_at_once(task)):
            task.call(*args, **kwargs)
        else:
            pool.submit(lambda: _run(task, args, kwargs))
        return TaskResult(
            task=task,
            id=get_random_id(),
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=list(args),
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )


def _run(task: Task[Any, Any], args: Any, kwargs: Any) -> None:
    try:
        task.call(*args, **kwargs)
    finally:
        close_old_connections()
