"""The least that Channels and daphne can do: send back what comes. A process of its own.

python -m tests.bench.echo PORT
"""

import sys

from django.conf import settings


def main() -> None:
    """Serve the echo on a port of loopback until told to end."""
    settings.configure(CHANNEL_LAYERS={}, SECRET_KEY="echo", ALLOWED_HOSTS=["127.0.0.1"])
    import django

    django.setup()
    from channels.generic.websocket import AsyncWebsocketConsumer
    from daphne.server import Server

    class Echo(AsyncWebsocketConsumer):
        """Sends every text back."""

        async def receive(
            self, text_data: str | None = None, bytes_data: bytes | None = None
        ) -> None:
            await self.send(text_data=text_data)

    Server(
        Echo.as_asgi(),
        endpoints=[f"tcp:port={int(sys.argv[1])}:interface=127.0.0.1"],
        ready_callable=lambda: print("ready", flush=True),
        server_name="echo",
        verbosity=0,
    ).run()


if __name__ == "__main__":
    main()
