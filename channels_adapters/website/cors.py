"""Which websites' pages may call us from a browser: those on the list of an active site."""

from typing import Any

from corsheaders.middleware import CorsMiddleware
from corsheaders.signals import check_request_enabled
from django.dispatch import receiver
from django.http import HttpRequest

from chatbot.conversations.models import Channel


class SiteCorsMiddleware(CorsMiddleware):
    """django-cors-headers, kept off the event loop, since the lists are rows."""

    sync_capable = True
    async_capable = False


@receiver(check_request_enabled)
def allow_listed_origins(sender: Any, request: HttpRequest, **kwargs: Any) -> bool:
    """Let browsers call us from any active site's pages; the views check which site it is."""
    if not request.path.startswith("/api/v1/widget/"):
        return False
    origin = request.headers.get("Origin", "").rstrip("/").lower()
    return any(origin in channel.origins for channel in Channel.objects.filter(is_active=True))
