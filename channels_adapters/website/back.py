"""The way back: from a mail to the chat on a website, on a page of ours."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from channels_adapters.website import tokens
from chatbot import digests
from chatbot.conversations import wording
from chatbot.conversations.models import WEBSITE, Conversation


@require_GET
@never_cache
def back(request: HttpRequest, token: str) -> HttpResponse:
    """Show the conversation's chat to whoever has the link of our mail.

    The link is as good as the mailbox that it went to: it opens this visitor's chat and nothing
    else, for a week. Not that of somebody who was logged in.
    """
    found = digests.conversation_of(token)
    conversation = (
        Conversation.objects.select_related("channel", "identity")
        .filter(pk=found, channel__kind=WEBSITE, channel__is_active=True)
        .first()
        if found is not None
        else None
    )
    if conversation is None:
        with wording.in_language(get_language() or "en"):
            return render(request, "channels_adapters/back.html", {}, status=410)
    with wording.in_language(conversation.language):
        answer = render(request, "channels_adapters/back.html", _context(conversation))
    # The address is a key: no page that is opened from here may learn it.
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _context(conversation: Conversation) -> dict[str, Any]:
    identity, channel = conversation.identity, conversation.channel
    context = {"channel": channel, "page": conversation.page_url}
    if identity.verified_id or identity.verified_email:
        return context  # whom the website knows, it has to let in itself
    session, _expires = tokens.issue(tokens.Visitor(identity.external_id, channel.pk))
    return {**context, "session": session, "visitor": identity.external_id}
