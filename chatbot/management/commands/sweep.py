"""The clock of the workers' side: enqueues what waits, without serving or working itself."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from channels_adapters import listening
from chatbot import wiring


class Command(BaseCommand):
    help = "Enqueue, every SVAR_SWEEP_SECONDS, what a crash left and what has become due."

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        # Work goes to the workers, and so does what is heard.
        listening.start_listening()
        wiring.keep_sweeping(stopping)
