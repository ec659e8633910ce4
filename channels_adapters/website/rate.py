"""The page on which a customer says how it was: from a mail or a chat, without logging in."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from chatbot.conversations import questions, ratings, wording
from chatbot.conversations.models import Rating
from chatbot.conversations.questions import Asked
from chatbot.conversations.validation import InvalidText, clean_text

_PAGE = "channels_adapters/rate.html"


@csrf_exempt  # what may be done here follows from the address alone, and from no cookie
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """Show the question of a signed address, and take its answer.

    Nothing is recorded by opening it: mail servers open links to look at them.
    """
    asked = questions.by_token(token)
    if asked is None or asked.conversation is None:
        with wording.in_language(get_language() or "en"):
            return _private(render(request, _PAGE, {"state": "gone"}, status=410))
    with wording.in_language(asked.conversation.language):
        if request.method == "POST":
            return _private(_answer(request, asked, token))
        return _private(render(request, _PAGE, _shown(request, asked)))


def _answer(request: HttpRequest, asked: Asked, token: str) -> HttpResponse:
    least, most = questions.scale(asked)
    given = request.POST.get("score", "")
    comment = request.POST.get("comment", "").strip()
    errors = {}
    if not given.isascii() or not given.isdigit() or not least <= int(given[:3]) <= most:
        errors["score"] = _("Choose one of these first.")
    try:
        comment = clean_text(comment) if comment else ""
    except InvalidText as error:
        errors["comment"] = error.detail
    if len(comment) > ratings.MAX_COMMENT:
        errors["comment"] = _("Write %(most)d characters at most.") % {"most": ratings.MAX_COMMENT}
    if errors:
        filled = {"given": given, "comment": comment, "errors": errors}
        return render(request, _PAGE, {**_form(asked), **filled}, status=422)
    try:
        ratings.rate(asked=asked, score=int(given), comment=comment, in_chat=False)
    except ratings.TooLate:
        asked.refresh_from_db()
        return render(request, _PAGE, _shown(request, asked), status=409)
    # A page of its own, so that loading it again sends nothing again.
    return HttpResponseRedirect(f"/rate/{token}/")


def _shown(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    is_open = questions.is_open(asked)
    if asked.answered_at is None and not is_open:
        return {"state": "gone"}
    if asked.answered_at is None or (is_open and "change" in request.GET):
        given = request.GET.get("score", "") if asked.score is None else str(asked.score)
        return {**_form(asked), "given": given, "comment": getattr(asked, "comment", "")}
    most = questions.scale(asked)[1]
    context = {
        **_about(asked),
        "state": "thanks" if is_open else "answered",
        "noted": wording.score_noted(score=asked.score or 0, most=most),
        "comment": getattr(asked, "comment", ""),
    }
    beside = questions.recommendation_beside(asked) if isinstance(asked, Rating) else None
    if beside is not None and beside.answered_at is None:
        context |= {"beside": _form(beside), "action": questions.page_url(beside)}
    return context


def _form(asked: Asked) -> dict[str, Any]:
    least, most = questions.scale(asked)
    words = questions.words_of(asked)
    is_rating = isinstance(asked, Rating)
    shown = words if is_rating else [words[0], *[""] * (most - 1), words[1]]
    return {
        **_about(asked),
        "state": "form",
        "is_rating": is_rating,
        "choices": [(str(n), word) for n, word in zip(range(least, most + 1), shown, strict=True)],
        "ends": words,
        "most_characters": ratings.MAX_COMMENT,
    }


def _about(asked: Asked) -> dict[str, Any]:
    is_rating = isinstance(asked, Rating)
    return {
        "shop": asked.conversation.channel.name if asked.conversation else "",
        "question": wording.how_was_it() if is_rating else wording.would_recommend(),
    }


def _private(answer: HttpResponse) -> HttpResponse:
    # The address is a key: no page that is opened from here may learn it.
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer
