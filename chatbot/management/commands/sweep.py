"""The clock of the workers' side: enqueues what waits, without serving or working itself."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from chatbot import wiring


class Command(BaseCommand):
    help = "Enqueue, every SVAR_SWEEP_SECONDS, what a crash left and what has become due."

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        wiring.keep_sweeping(stopping)
