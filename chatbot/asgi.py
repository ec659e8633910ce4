"""The ASGI application, for daphne or any other ASGI server."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatbot.settings")
_django = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  (Django is set up first)
from django.conf import settings  # noqa: E402
from django.urls import re_path  # noqa: E402

from channels_adapters import listening  # noqa: E402
from chatbot import realtime, urls, wiring  # noqa: E402


async def _refuse(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "websocket.close", "code": 4404})


no_such_socket: Any = _refuse  # an ASGI application where Django's types expect a view


_site: Any = _django
_router = ProtocolTypeRouter(
    {
        "http": URLRouter([*urls.hook_calls, re_path("", _site)]),
        "websocket": URLRouter([*urls.sockets, re_path("", no_such_socket)]),
    }
)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Serve one connection; the first one starts this process's background work."""
    realtime.bind_serving_loop()
    if settings.BACKGROUND_IN_PROCESS:
        wiring.start_background_work()
        listening.start_listening()
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:
        await _router(scope, receive, send)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
