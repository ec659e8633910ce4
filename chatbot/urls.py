"""All HTTP and WebSocket entrances. ("Routing" in this project means skills.)"""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.i18n import JavaScriptCatalog
from drf_spectacular.views import SpectacularAPIView

from channels_adapters.hooks import hooks
from channels_adapters.urls import urlpatterns as channel_pages
from channels_adapters.website.consumer import ChatConsumer
from channels_adapters.website.urls import urlpatterns as widget_calls
from chatbot.api import not_found
from chatbot.inbox.consumer import InboxConsumer
from chatbot.inbox.urls import calls as inbox_calls
from chatbot.inbox.urls import pages as inbox_pages
from chatbot.insights.urls import urlpatterns as insights_pages
from chatbot.systems.urls import urlpatterns as account_pages

urlpatterns = [
    path("admin/insights/", include(insights_pages)),  # before admin, which takes what is left
    path("admin/", admin.site.urls),
    path("inbox/", include(inbox_pages)),
    path("account/", include(account_pages)),
    path("api/v1/widget/", include(widget_calls)),
    path("api/v1/inbox/", include(inbox_calls)),
    path(
        "api/v1/schema",
        SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="schema",
    ),
    re_path(r"^api/v1/", not_found),
    *channel_pages,
    path("jsi18n/", JavaScriptCatalog.as_view(packages=["chatbot"]), name="javascript-catalog"),
]
if settings.DEMO:
    from chatbot.demo.urls import urlpatterns as demo_pages

    urlpatterns += demo_pages

# Visitors come from customers' own domains: their consumer checks the site's own list. Agents
# come with a cookie, so only pages of ours may open their socket.
sockets = [
    path("ws/chat/", ChatConsumer.as_asgi()),
    path(
        "ws/inbox/",
        AllowedHostsOriginValidator(AuthMiddlewareStack(InboxConsumer.as_asgi())),
    ),
]

# What services call: see `channels_adapters.hooks`.
_hooks: Any = hooks  # an ASGI application where Django's types expect a view
hook_calls = [path("hooks/<slug:kind>/<slug:key>", _hooks)]
