"""What a person answered, as the beginning of an article."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chatbot.conversations.models import Conversation
from chatbot.insights import gaps
from chatbot.insights.access import may_draft, page


@page(may_draft)
@require_POST
def article_of(request: HttpRequest, conversation: int) -> HttpResponse:
    """Begin an article with what a person answered in a conversation."""
    solved = get_object_or_404(Conversation.objects.select_related("contact"), pk=conversation)
    gap = gaps.solved(conversation=solved)
    if gap is None:
        messages.info(request, _("Nobody has answered anything in this conversation yet."))
        return redirect("insights-gaps")
    said_by = solved.messages.exclude(author_name="").values_list("author_name", flat=True)
    names = {solved.contact.name, *said_by.distinct()} - {""}
    article = gaps.draft_article(gap=gap, user_id=int(request.user.pk or 0), names=sorted(names))
    messages.success(
        request,
        _(
            "This is a draft. Choose its category, take out what is about one customer, and "
            "publish it."
        ),
    )
    return redirect("admin:knowledge_article_change", article.pk)
