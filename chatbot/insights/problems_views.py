"""The page where supervisors say what new kinds of problem are."""

import re
from typing import cast

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chatbot.insights import proposals
from chatbot.insights.access import page
from chatbot.routing import problems
from chatbot.routing.models import NewProblem, UnknownCase
from knowledge.models import Category

_MOST_CASES = 200
_NAME = 100  # characters of a category's


def may_see_problems(request: HttpRequest) -> bool:
    """Return whether the user may look: who may view new kinds of problems."""
    return request.user.is_staff and (
        request.user.has_perm("routing.view_newproblem") or may_decide(request)
    )


def may_decide(request: HttpRequest) -> bool:
    """Return whether the user may say what they are: who may change them."""
    return request.user.is_staff and request.user.has_perm("routing.change_newproblem")


def may_make_topics(request: HttpRequest) -> bool:
    """Return whether the user may make topics of them: who may add categories too."""
    return may_decide(request) and request.user.has_perm("knowledge.add_category")


def may_draft_of_them(request: HttpRequest) -> bool:
    """Return whether the user may begin an article of them."""
    return may_make_topics(request) and request.user.has_perm("knowledge.add_article")


def waiting(request: HttpRequest) -> str:
    """Return how many wait, as the sidebar says it."""
    return str(problems.waiting_count())


@page(may_see_problems)
@require_http_methods(["GET", "POST"])
def problems_page(request: HttpRequest) -> HttpResponse:
    """Questions far from all topics: those that several asked, and those that are alone."""
    if request.method == "POST":
        return _decide(request)
    context = {
        **admin.site.each_context(request),
        "title": _("New kinds of problems"),
        "may_decide": may_decide(request),
        "may_make_topics": may_make_topics(request),
        "may_draft": may_draft_of_them(request),
        "proposals": proposals.proposals(),
        "loose": proposals.shown_cases(problems.loose_cases()),
        "decided": problems.decided_problems(),
        "categories": _categories(),
        "needed": settings.NEW_PROBLEM_CASES,
        "name_length": _NAME,
    }
    return render(request, "insights/problems.html", context)


def _categories() -> list[tuple[str, str]]:
    """Return slug and name of each topic; at once, where `topic_names` lags behind."""
    language = (get_language() or "en").partition("-")[0]
    found = Category.objects.prefetch_related("translations")
    return [(category.slug, category.name_in(language)) for category in found]


def _decide(request: HttpRequest) -> HttpResponse:
    deed = request.POST.get("do", "")
    if not (may_make_topics(request) if deed == "topic" else may_decide(request)):
        raise Http404
    deeds = {"topic": _make_topic, "existing": _use_topic, "dismiss": _dismiss, "review": _review}
    if deed not in deeds:
        return redirect("insights-problems")
    try:
        return deeds[deed](request)
    except problems.AlreadyDecided:
        messages.info(request, _("Somebody has decided about this already."))
    return redirect("insights-problems")


def _make_topic(request: HttpRequest) -> HttpResponse:
    names = {
        code: request.POST.get(f"name-{code}", "").strip()[:_NAME]
        for code, _language in settings.LANGUAGES
    }
    chosen, problem_id = _chosen_cases(request), _number(request.POST.get("problem"))
    if not any(names.values()):
        messages.error(request, _("Give the topic a name."))
        return redirect("insights-problems")
    if not chosen:
        messages.error(request, _("Choose at least one question that belongs to it."))
        return redirect("insights-problems")
    wants_draft = "draft" in request.POST and may_draft_of_them(request)
    with transaction.atomic():
        category = problems.make_topic(
            problem_id=problem_id,
            names=names,
            skill_ids=[_number(value) for value in request.POST.getlist("skill")[:100]],
            case_ids=chosen,
            user_id=_user_id(request),
        )
        article = None
        if wants_draft:
            cases = problems.cases_of(NewProblem.objects.get(pk=problem_id))
            article = proposals.draft_article(
                cases=proposals.shown_cases(cases), category=category, user_id=_user_id(request)
            )
    messages.success(request, _("“%(name)s” is a topic now.") % {"name": category.name})
    if article is not None:
        messages.info(request, _("This article is a draft: check its answer and publish it."))
        return redirect("admin:knowledge_article_change", article.pk)
    return redirect("insights-problems")


def _use_topic(request: HttpRequest) -> HttpResponse:
    category = Category.objects.filter(slug=request.POST.get("topic", "")).first()
    chosen = _chosen_cases(request)
    if category is None or not chosen:
        messages.error(request, _("Choose a topic, and at least one question that belongs to it."))
        return redirect("insights-problems")
    problems.use_topic(
        problem_id=_number(request.POST.get("problem")),
        category=category,
        case_ids=chosen,
        user_id=_user_id(request),
    )
    messages.success(request, _("They belong to “%(name)s” now.") % {"name": category.name})
    return redirect("insights-problems")


def _dismiss(request: HttpRequest) -> HttpResponse:
    problems.dismiss(problem_id=_number(request.POST.get("problem")))
    messages.success(request, _("Dismissed. Nobody is asked about such questions again."))
    return redirect("insights-problems")


def _review(request: HttpRequest) -> HttpResponse:
    """A case that is alone: its topic, or that it needs none."""
    slug = "" if "none" in request.POST else request.POST.get("topic", "")
    category = Category.objects.filter(slug=slug).first() if slug else None
    if category is None and "none" not in request.POST:
        messages.error(request, _("Choose a topic."))
        return redirect("insights-problems")
    problems.review_case(
        case_id=_number(request.POST.get("case")), category=category, user_id=_user_id(request)
    )
    if category is not None:
        messages.success(request, _("It belongs to “%(name)s” now.") % {"name": category.name})
    return redirect("insights-problems")


def _chosen_cases(request: HttpRequest) -> list[int]:
    """Return the problem's own cases without those that were shown and not ticked."""
    shown = {_number(value) for value in request.POST.getlist("shown")[:_MOST_CASES]}
    ticked = {_number(value) for value in request.POST.getlist("case")[:_MOST_CASES]}
    own = UnknownCase.objects.filter(problem_id=_number(request.POST.get("problem")))
    return list(own.exclude(pk__in=shown - ticked).values_list("pk", flat=True))


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"[0-9]{1,15}", text) else 0


def _user_id(request: HttpRequest) -> int:
    return cast(int, request.user.pk)  # the admin lets nobody else in
