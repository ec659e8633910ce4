"""The inbox's pages."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import activate, get_language, get_language_info
from django.views.decorators.http import require_safe

from chatbot.inbox.payloads import me_part
from chatbot.inbox.preferences import preferences_of, preferences_part, remember_language
from chatbot.routing.selectors import profile_of, supervises


class InboxLogin(LoginView):
    """The agents' login."""

    template_name = "inbox/login.html"
    redirect_authenticated_user = True


@require_safe
@login_required
def inbox(
    request: HttpRequest, conversation: int | None = None, page: str = "conversations"
) -> HttpResponse:
    """The inbox, perhaps with a conversation open; the rest is done over the API."""
    agent = profile_of(request.user)
    if agent is None:
        return render(request, "inbox/forbidden.html", status=403)
    chosen = preferences_of(agent)
    if chosen.language:
        activate(chosen.language)
    boot: dict[str, Any] = {
        "me": me_part(agent).model_dump(mode="json"),
        "api": "/api/v1/inbox/",
        "ws": f"/ws/inbox/?language={get_language()}",
        "conversation": conversation,
        "page": page,
        "language": get_language(),
        "translates": bool(settings.LANGUAGE_MODEL),
        "languages": [
            {"slug": code, "name": get_language_info(code)["name_local"].capitalize()}
            for code, _name in settings.LANGUAGES
        ],
        "preferences": preferences_part(chosen).model_dump(mode="json"),
    }
    # As the pages about knowledge ask, which are elsewhere: `chatbot.insights.access.may_draft`.
    drafts_articles = request.user.is_staff and request.user.has_perms(
        ["knowledge.change_article", "knowledge.add_article"]
    )
    context = {
        "boot": boot,
        "theme": chosen.theme,
        "languages": settings.LANGUAGES,
        "drafts_articles": drafts_articles,
    }
    response = render(request, "inbox/inbox.html", context)
    if chosen.language and chosen.language != request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
        remember_language(response, chosen.language)
    return response


@require_safe
@login_required
def team(request: HttpRequest) -> HttpResponse:
    """The team, for who supervises it. Raises Http404 for others, to whom there is no such page."""
    if not supervises(request.user):
        raise Http404
    return inbox(request, page="team")
