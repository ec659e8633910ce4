"""Who may see how people's work went: whoever may view its outcomes. Others find nothing there."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from knowledge.models import Category


def may_see_routing(request: HttpRequest) -> bool:
    """Return whether the user may see the team's competence and how conversations went."""
    return request.user.is_staff and request.user.has_perm("routing.view_outcome")


def may_import_tickets(request: HttpRequest) -> bool:
    """Return whether the user may take tickets over, and take them back."""
    return may_see_routing(request) and request.user.has_perm("routing.add_outcome")


def show(request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
    """Return the page `insights/routing_<name>.html` inside the admin."""
    shown = {
        **admin.site.each_context(request),
        "title": title,
        "may_import": may_import_tickets(request),
        **context,
    }
    return render(request, f"insights/routing_{name}.html", shown)


def topic_names() -> dict[str, str]:
    """Return the names of topics in the reader's language, by slug."""
    language = (get_language() or "en").partition("-")[0]
    found = Category.objects.prefetch_related("translations")
    return {category.slug: category.name_in(language) for category in found}
