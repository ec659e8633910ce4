"""Installing the Slack app in workspaces, by OAuth: each becomes a channel of its own."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from channels_adapters.base import SendError
from channels_adapters.slack import installing
from chatbot.conversations import channels
from chatbot.conversations.models import Channel

_SALT = "svar.slack.install"
_GOOD_FOR = 10 * 60  # seconds between leaving for Slack and coming back


def _redirect_uri() -> str:
    return f"{settings.BASE_URL}{reverse('slack-installed')}"


def _channel(request: HttpRequest, key: str) -> Channel:
    if not request.user.has_perm("conversations.change_channel"):
        raise PermissionDenied
    return get_object_or_404(Channel, kind="slack", key=key)


@staff_member_required
@require_GET
@never_cache
def manifest(request: HttpRequest, key: str) -> JsonResponse:
    """The manifest to paste at api.slack.com for an app that is set up for this server."""
    channel = _channel(request, key)
    made = installing.manifest(
        f"{settings.BASE_URL}/hooks/slack/{channel.key}",
        _redirect_uri(),
        name=channel.bot_name,
        socket=channel.config.get("way") == "socket",
    )
    return JsonResponse(made, json_dumps_params={"indent": 2, "ensure_ascii": False})


@staff_member_required
@require_GET
@never_cache
def install(request: HttpRequest, key: str) -> HttpResponse:
    """Go to Slack and choose a workspace; or back, where something has to be entered first."""
    channel = _channel(request, key)
    state = signing.dumps({"channel": channel.pk, "user": request.user.pk}, salt=_SALT)
    try:
        away = installing.install_url(channel, state, _redirect_uri())
    except SendError as error:
        messages.error(request, str(error))
        return redirect("admin:conversations_channel_change", channel.pk)
    return redirect(away)


@staff_member_required
@require_GET
@never_cache
def installed(request: HttpRequest) -> HttpResponse:
    """Slack sends the admin back here; the workspace becomes a channel."""
    try:
        state: Any = signing.loads(request.GET.get("state", ""), salt=_SALT, max_age=_GOOD_FOR)
        code = request.GET["code"]
    except (signing.BadSignature, KeyError):
        messages.error(request, _("Slack did not finish the installation. Please try again."))
        return redirect("admin:conversations_channel_changelist")
    # Who comes back is who went: a link of somebody else's installs nothing here.
    if state["user"] != request.user.pk:
        raise PermissionDenied
    if not request.user.has_perm("conversations.add_channel"):
        raise PermissionDenied
    parent = get_object_or_404(Channel, pk=state["channel"], kind="slack")
    try:
        found = installing.exchange(parent, code, _redirect_uri())
    except SendError as error:
        messages.error(request, str(error))
        return redirect("admin:conversations_channel_change", parent.pk)
    channel = channels.connect_account(
        parent=parent, account=found.account, config=found.config, secrets=found.secrets
    )
    messages.success(request, found.text)
    return redirect("admin:conversations_channel_change", channel.pk)
