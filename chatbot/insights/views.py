"""The pages: what the bot would say, how right it is, and what it does not know."""

import re
from collections.abc import Sequence
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from chatbot import wiring
from chatbot.answering.confidence import ConfidenceModel
from chatbot.answering.evaluation import Scored
from chatbot.answering.pictures import reliability
from chatbot.answering.refitting import ENOUGH
from chatbot.conversations.models import Channel, Message, Verdict
from chatbot.conversations.verdicts import record_verdict
from chatbot.insights import duplicates, gaps, labels, refits, trying, words
from chatbot.insights.access import may_change, may_draft, may_see, page
from chatbot.insights.entries import entries_named
from chatbot.insights.tries import Tries
from knowledge.catalog import NoIndex, catalog
from knowledge.models import Article
from knowledge.passages import passage_id

_THRESHOLDS = (0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.95)
_MOST_SKIPPED = 500
_MOST_SUGGESTED = 8
_MOST_PAIRS = 30


def _show(request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
    shown = {
        **admin.site.each_context(request),
        "title": title,
        "may_change": may_change(request),
        "may_draft": may_draft(request),
        **context,
    }
    return render(request, f"insights/{name}.html", shown)


def _user_id(request: HttpRequest) -> int:
    return cast(int, request.user.pk)  # the admin lets nobody else in


def _to(name: str, **query: Any) -> HttpResponse:
    address = reverse(f"insights-{name}")
    told = "&".join(f"{key}={value}" for key, value in query.items() if value not in ("", None))
    return redirect(f"{address}?{told}" if told else address)


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,15}", text) else None


def _channel(chosen: str | None) -> Channel | None:
    return Channel.objects.filter(pk=_number(chosen) or 0).first()


@page(may_see)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Nothing of its own: the test box comes first."""
    return _to("test")


# --- Test box ---------------------------------------------------------------------------------
@page(may_see)
@require_http_methods(["GET", "POST"])
def test_box(request: HttpRequest) -> HttpResponse:
    """A question and all that the bot would make of it.

    The question is in the session and not in the address: addresses are logged.
    """
    tries = Tries(request.session)
    if request.method == "POST":
        return _ask(request, tries)
    channels = list(Channel.objects.order_by("pk"))
    shown = tries.get(request.GET.get("try", ""))
    context: dict[str, Any] = {}
    if shown:
        try:
            found = trying.attempt(
                shown["question"],
                language=shown["language"],
                channel=_channel(str(shown["channel"])),
            )
        except trying.NothingToSearch:
            context["nothing_to_search"] = True
        else:
            what, why = words.decision(found)
            now = found.summary()
            before = tries.note(shown, now)
            context |= {
                "attempt": found,
                "what": what,
                "why": why,
                "before": before,
                "before_word": words.outcome(before["outcome"]) if before else "",
                "now_word": words.outcome(now["outcome"]),
                "evidence": words.evidence(found.evidence),
                "changes": words.changes(before, now) if before else [],
            }
    article = Article.objects.filter(pk=_number(request.GET.get("article")) or 0).first()
    return _show(
        request,
        "test",
        _("Test box"),
        channels=channels,
        languages=settings.LANGUAGES,
        asked=shown or {"channel": channels[0].pk if channels else ""},
        article=entries_named([str(article.pk)]).get(str(article.pk)) if article else None,
        suggested=_questions_of(article) if article else [],
        tries=tries.others(shown),
        **context,
    )


def _ask(request: HttpRequest, tries: Tries) -> HttpResponse:
    if "forget" in request.POST:
        tries.forget()
        return _to("test")
    question = (request.POST.get("pick") or request.POST.get("question") or "").strip()
    if not question:
        return _to("test", article=_number(request.POST.get("article")))
    key = tries.begin(
        question[: settings.MAX_TEXT],
        language=request.POST.get("language", "")[:8],
        channel=_number(request.POST.get("channel")),
    )
    return _to("test", **{"try": key}, article=_number(request.POST.get("article")))


def _questions_of(article: Article) -> list[str]:
    """Return titles and variants, those in the reader's language first."""
    language = (get_language() or "en").partition("-")[0]
    texts = [
        *article.translations.values_list("language", "title"),
        *article.questions.values_list("language", "text"),
    ]
    texts.sort(key=lambda row: row[0] != language)
    return list(dict.fromkeys(text for _, text in texts))[:_MOST_SUGGESTED]


# --- Reliability ------------------------------------------------------------------------------
@page(may_see)
@require_http_methods(["GET", "POST"])
def reliability_page(request: HttpRequest) -> HttpResponse:
    """How right the bot is where it says so, what each threshold does, and refitting."""
    channel = _channel(request.POST.get("channel") or request.GET.get("channel"))
    channel_id = channel.pk if channel else None
    if request.method == "POST":
        if not may_change(request):
            raise Http404
        _choose_model(request, channel_id)
        return _to("reliability", channel=channel_id)
    proposal = refits.propose(channel_id)
    model = wiring.confidence_model(channel_id)
    known = labels.labelled(channel_id)
    asked = labels.recent_evidence(channel_id)
    threshold = labels.threshold_of(channel_id)

    def steps(chosen: ConfidenceModel, thresholds: Sequence[float]) -> list[labels.Step]:
        return labels.steps(
            thresholds,
            [one.scored(chosen) for one in known],
            [chosen.probability(evidence) for evidence in asked],
        )

    scored = [one.scored(model) for one in known]
    return _show(
        request,
        "reliability",
        _("Reliability"),
        channels=Channel.objects.order_by("pk"),
        channel=channel,
        picture=_picture(scored, threshold, str(channel or _("All channels"))),
        steps=[(one, words.step(one)) for one in steps(model, sorted({*_THRESHOLDS, threshold}))],
        threshold=threshold,
        asked=len(asked),
        labels=len(scored),
        right=sum(one.is_right for one in scored),
        enough=ENOUGH,
        missing=max(0, ENOUGH - len(scored)),
        proposal=proposal,
        before=steps(proposal.shipped, [threshold])[0],
        after=steps(proposal.refit.model, [threshold])[0],
        is_shipped=model == proposal.shipped,
        is_better=proposal.refit.is_kept and model != proposal.refit.model,
        waiting=len(labels.to_review()),
    )


def _picture(scored: Sequence[Scored], threshold: float, title: str) -> str:
    """Return the picture without its own style: the page's knows whether it is dark."""
    if not scored:
        return ""
    drawn = reliability(
        scored,
        title=title,
        threshold=threshold,
        words=(_("promised"), _("right"), _("threshold"), _("precision"), _("coverage")),
    )
    # Its maker escapes what is written in it.
    return mark_safe(re.sub(r"<style>.*?</style>", "", drawn, flags=re.DOTALL))  # noqa: S308


def _choose_model(request: HttpRequest, channel_id: int | None) -> None:
    user_id = _user_id(request)
    if request.POST.get("model") == "shipped":
        refits.use_shipped(channel_id=channel_id, user_id=user_id)
        messages.success(request, _("The shipped model is in use."))
    elif refits.use_refit(channel_id=channel_id, user_id=user_id):
        messages.success(request, _("The refitted model is in use."))
    else:
        messages.error(request, _("Refitting does not help yet, so nothing was changed."))


# --- Review -----------------------------------------------------------------------------------
@page(may_change)
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """One question after the other whose answer a person judges, the least certain first."""
    skipped: list[int] = request.session.get("insights_skipped", [])
    if request.method == "POST":
        return _judge(request, skipped)
    waiting = labels.to_review(without=skipped)
    chosen = _number(request.GET.get("message"))
    message = (
        Message.objects.select_related("conversation", "channel", "verdict")
        .filter(
            pk=chosen or (waiting[0].message_id if waiting else 0),
            author=Message.Author.CONTACT,
            evidence__has_key="entry",
        )
        .first()
    )
    context: dict[str, Any] = {}
    if message is not None:
        context = _answer_to(message)
    return _show(
        request,
        "review",
        _("Review"),
        message=message,
        waiting=len(waiting),
        skipped=len(skipped),
        labels=len(labels.labelled(None)),
        enough=ENOUGH,
        last=_number(request.GET.get("last")),
        threshold=labels.threshold_of(message.channel_id) if message else None,
        **context,
    )


def _answer_to(message: Message) -> dict[str, Any]:
    """Return what the bot said to a question, or would have said, and how sure it is."""
    entry = str(message.evidence["entry"])
    model = wiring.confidence_model(message.channel_id)
    confidence = model.probability(message.evidence) if labels.is_evidence(message.evidence) else 0
    said = (
        Message.objects.filter(conversation_id=message.conversation_id, pk__gt=message.pk)
        .exclude(kind=Message.Kind.NOTE)
        .order_by("pk")
        .first()
    )
    was_said = bool(said and said.author == Message.Author.BOT and said.citations)
    language = message.language or message.conversation.language
    exists = entry.isdecimal() or passage_id(entry) is not None
    would = wiring.knowledge().answer(entry, language, message.text) if exists else None
    html = said.html if said and was_said else would.html if would else ""
    return {
        "entry": entries_named([entry]).get(entry) if exists else None,
        "answer_title": message.evidence.get("title", ""),
        # Both come from knowledge, which sanitises.
        "answer_html": mark_safe(html),  # noqa: S308
        "answer_text": said.text if said and was_said and not said.html else "",
        "was_said": was_said,
        "confidence": confidence,
        "verdict": getattr(message, "verdict", None),
    }


def _judge(request: HttpRequest, skipped: list[int]) -> HttpResponse:
    if "again" in request.POST:
        request.session["insights_skipped"] = []
        return _to("review")
    chosen, verdict = _number(request.POST.get("message")), request.POST.get("verdict")
    if chosen is None or verdict not in ("right", "wrong", "skip"):
        return _to("review")
    if verdict == "skip":
        request.session["insights_skipped"] = [*skipped, chosen][-_MOST_SKIPPED:]
        return _to("review", last=chosen)
    record_verdict(
        message_id=chosen,
        right=verdict == "right",
        source=Verdict.Source.AGENT,
        user_id=request.user.pk,
    )
    return _to("review", last=chosen)


# --- Gaps and duplicates ----------------------------------------------------------------------
@page(may_see)
@require_http_methods(["GET", "POST"])
def gaps_page(request: HttpRequest) -> HttpResponse:
    """What customers asked and nobody had written, by how often."""
    days = gaps.days_of(request.POST.get("days") or request.GET.get("days") or "")
    if request.method == "POST":
        return _decide_gap(request, days)
    found = gaps.gaps(days=days)
    return _show(
        request,
        "gaps",
        _("Gaps"),
        days=days,
        several=[gap for gap in found if len(gap.asked) > 1],
        single=[gap for gap in found if len(gap.asked) == 1],
        questions=sum(len(gap.asked) for gap in found),
    )


def _decide_gap(request: HttpRequest, days: int) -> HttpResponse:
    wanted = may_draft if request.POST.get("do") == "draft" else may_change
    if not wanted(request):
        raise Http404
    ids = [int(number) for number in re.findall(r"[0-9]{1,15}", request.POST.get("ids", ""))[:800]]
    gap = gaps.gap_of(ids)
    if gap is None:
        messages.info(request, _("Somebody has decided about this already."))
    elif request.POST.get("do") == "draft":
        article = gaps.draft_article(gap=gap, user_id=_user_id(request))
        messages.success(
            request,
            _(
                "This is a draft. Choose its category, take out what is about one customer, and "
                "publish it."
            )
            if gap.replies
            else _("This is a draft without an answer. Write one, and publish it."),
        )
        return redirect("admin:knowledge_article_change", article.pk)
    else:
        gaps.settle(gap=gap, user_id=_user_id(request))
        count = len(gap.asked)
        messages.success(
            request, ngettext("%d question dismissed.", "%d questions dismissed.", count) % count
        )
    return _to("gaps", days=days)


@page(may_see)
@require_GET
def duplicates_page(request: HttpRequest) -> HttpResponse:
    """Articles that are found for each other's questions."""
    try:
        field = catalog.current()[1].every
    except NoIndex:
        pairs = []
    else:
        articles = [name for name in field.entries if passage_id(name) is None]
        pairs = duplicates.near_duplicates(field, articles)
    shown = pairs[:_MOST_PAIRS]
    named = entries_named(name for pair in shown for name in (pair.first, pair.second))
    return _show(
        request,
        "duplicates",
        _("Near-duplicates"),
        pairs=[
            (pair, named[pair.first], named[pair.second])
            for pair in shown
            if pair.first in named and pair.second in named
        ],
        count=len(pairs),
    )
