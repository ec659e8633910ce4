"""Language models for tests: they stream what they are told, and fail as real ones do."""

import threading
import time
from collections.abc import Iterator

from chatbot.answering.writing import Prompt


class Says:
    """Streams `text` in pieces of `size` characters, one each `pause` seconds."""

    def __init__(self, text: str, *, size: int = 3, pause: float = 0.0) -> None:
        self.text = text
        self.size = size
        self.pause = pause
        self.prompts: list[Prompt] = []
        self.stopped = threading.Event()

    def write(self, prompt: Prompt, *, seconds: float) -> Iterator[str]:
        self.prompts.append(prompt)
        try:
            for start in range(0, len(self.text), self.size):
                time.sleep(self.pause)
                yield self.text[start : start + self.size]
        finally:
            self.stopped.set()


class Breaks(Says):
    """Streams `text`, then raises `error`."""

    def __init__(self, text: str, error: BaseException) -> None:
        super().__init__(text)
        self.error = error

    def write(self, prompt: Prompt, *, seconds: float) -> Iterator[str]:
        yield from super().write(prompt, seconds=seconds)
        raise self.error


class Hangs(Says):
    """Streams `text`, then nothing, whatever `seconds` says."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.released = threading.Event()

    def write(self, prompt: Prompt, *, seconds: float) -> Iterator[str]:
        yield from super().write(prompt, seconds=seconds)
        self.released.wait(30)


class Babbles(Says):
    """Never ends."""

    def write(self, prompt: Prompt, *, seconds: float) -> Iterator[str]:
        while True:
            yield self.text
