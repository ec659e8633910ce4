"""Serve Svar with daphne: HTTP, WebSockets and the background work in one process."""

import functools
import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Serve Svar on one address, with everything it needs in this process."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        # daphne installs its reactor on import, so only where it serves.
        from daphne import http_protocol
        from daphne.endpoints import build_endpoint_description_strings
        from daphne.server import Server

        from channels_adapters import listening
        from chatbot import wiring
        from chatbot.asgi import application

        if "SVAR_BASE_URL" not in os.environ:  # our own pages are at the port that was asked for
            settings.BASE_URL = f"http://127.0.0.1:{options['port']}"
        # Threads hand over the interpreter after 0.5 ms instead of 5: else a socket waits for
        # the rows of ten others.
        sys.setswitchinterval(0.0005)
        if settings.BACKGROUND_IN_PROCESS:
            wiring.start_background_work()
            listening.start_listening()

        # Else the server takes forms apart itself, on the event loop (a picture of 10 MB holds up
        # every socket for 160 ms), and answers broken ones without our form of errors.
        http_protocol.WebRequest = functools.partial(
            http_protocol.WebRequest, parsePOSTFormSubmission=False
        )

        def ready() -> None:
            # Else an oversize frame drops the connection without a close code, and a client
            # cannot tell it from a network that broke.
            server.ws_factory.setProtocolOptions(failByDrop=False)
            if not settings.BACKGROUND_IN_PROCESS:  # else it is done when that is warm
                wiring.keep_what_is_loaded()
            self.stdout.write(f"Svar is at http://{options['host']}:{options['port']}/")
            self.stdout.flush()

        server = Server(
            application,
            endpoints=build_endpoint_description_strings(
                host=options["host"], port=options["port"]
            ),
            ready_callable=ready,
            # The protocol's own close code 1009 can only be sent by the protocol itself.
            websocket_max_message_size=settings.MAX_FRAME_BYTES,
            websocket_max_frame_size=settings.MAX_FRAME_BYTES,
            server_name="svar",
            verbosity=0,
        )
        server.run()
