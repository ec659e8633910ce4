"""Futures of callers who wait until what they sent is recorded."""

from concurrent.futures import Future


def settle(done: "Future[None]", error: Exception | None = None) -> None:
    """Tell a caller that it was recorded, or why not; who has hung up meanwhile is told nothing.

    Called only afterwards: an event is recorded also where its caller has hung up, who may have
    taken it for delivered.
    """
    if not done.set_running_or_notify_cancel():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
