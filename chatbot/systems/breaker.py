"""Leaves a system that fails alone for a while, so that customers need not wait for it.

The states are pybreaker's (https://github.com/danielfm/pybreaker). Its `call` holds a lock for as
long as the call runs, which would have all calls to a system wait for each other; so calls run
outside of it while the system is well, and it is told how they ended.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

import pybreaker

from chatbot.systems.ports import SystemFailure

Result = TypeVar("Result")

_ANSWERED = frozenset({"refused", "unauthorised"})  # the system is there, and said no


class Breaker:
    """Opens after `failures` failed calls in a row; lets one call try it after `seconds`."""

    def __init__(self, system: str, failures: int, seconds: float) -> None:
        self._system = system
        self._states = pybreaker.CircuitBreaker(
            fail_max=failures,
            reset_timeout=seconds,
            exclude=[_is_answer],
            throw_new_error_on_trip=False,
        )
        self._trying = threading.Lock()

    def run(self, call: Callable[[], Result]) -> Result:
        """Return what `call` returns.

        Raises what it raises; SystemFailure (unavailable, at once) while the breaker is open.
        """
        if self._states.current_state == pybreaker.STATE_CLOSED:
            return self._run_closed(call)
        if not self._trying.acquire(blocking=False):
            raise self._open()
        try:
            return self._states.call(call)
        except pybreaker.CircuitBreakerError:
            raise self._open() from None
        finally:
            self._trying.release()

    def _run_closed(self, call: Callable[[], Result]) -> Result:
        try:
            result = call()
        except SystemFailure as failure:
            self._tell(failure)
            raise
        self._tell(None)
        return result

    def _tell(self, failure: SystemFailure | None) -> None:
        def ended() -> None:
            if failure is not None:
                raise failure

        # A call that began before the breaker opened has nothing to say of how the system is now.
        if self._states.current_state != pybreaker.STATE_CLOSED:
            return
        try:
            self._states.call(ended)
        except (SystemFailure, pybreaker.CircuitBreakerError):
            return

    def _open(self) -> SystemFailure:
        return SystemFailure(self._system, "unavailable", retry=True)


def _is_answer(error: object) -> bool:
    return isinstance(error, SystemFailure) and error.kind in _ANSWERED
