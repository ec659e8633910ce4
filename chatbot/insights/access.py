"""Who may see these pages: staff who work on knowledge. For all others there is nothing here."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, cast

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def may_see(request: HttpRequest) -> bool:
    """Return whether the user may look: who may view articles."""
    return request.user.is_staff and (
        request.user.has_perm("knowledge.view_article")
        or request.user.has_perm("knowledge.change_article")
    )


def may_change(request: HttpRequest) -> bool:
    """Return whether the user may label, refit and dismiss: who may change articles."""
    return request.user.is_staff and request.user.has_perm("knowledge.change_article")


def may_draft(request: HttpRequest) -> bool:
    """Return whether the user may begin articles."""
    return may_change(request) and request.user.has_perm("knowledge.add_article")


def page(allowed: Callable[[HttpRequest], bool]) -> Callable[[View[P]], View[P]]:
    """Make a view a page of the admin; who is not `allowed` finds nothing, strangers the login."""

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not allowed(request):
                raise Http404
            return view(request, *args, **kwargs)

        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            # The admin's site is chosen when apps are ready, which is after this is imported.
            entrance = cast(View[P], never_cache(admin.site.admin_view(checked)))
            return entrance(request, *args, **kwargs)

        return cast(View[P], guarded)

    return decorate
