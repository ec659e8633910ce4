"""The demo shop's customer accounts: log in, log out, and be known to the chat."""

from datetime import timedelta
from typing import Any

import jwt
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from chatbot.conversations.models import Channel
from chatbot.demo.content import CHANNEL_KEY, PASSWORD
from chatbot.demo.pages import in_language, shop_context
from chatbot.systems.models import Account, plain_email
from chatbot.systems.selectors import account_with_password

# Beside the session of an agent who tries the shop in the same browser.
_SESSION = "demo_account"
_MOST_FAILURES, _WINDOW_SECONDS = 8, 15 * 60
_IDENTITY_MINUTES = 15
_EXAMPLE = "mette.olsen@post.example"


def account_of(request: HttpRequest) -> Account | None:
    """Return who is logged in to the shop. A new password ends all logins with the old one."""
    kept = request.session.get(_SESSION)
    if not kept:
        return None
    found = Account.objects.filter(pk=kept["id"], is_active=True).first()
    known = found is not None and constant_time_compare(
        kept["proof"], found.get_session_auth_hash()
    )
    return found if known else None


def identity_of(account: Account) -> str:
    """Return what tells the chat who `account` is, signed for this site; "" without a secret."""
    channel = Channel.objects.filter(key=CHANNEL_KEY).first()
    if channel is None or not channel.identity_secret:
        return ""
    now = timezone.now()
    told = {
        "sub": str(account.pk),
        "email": account.email,
        "name": account.name,
        "iat": now,
        "exp": now + timedelta(minutes=_IDENTITY_MINUTES),
    }
    return jwt.encode(told, channel.identity_secret, algorithm="HS256")


@sensitive_post_parameters("password")
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Log in, or see that one is."""
    with in_language(request):
        context = {
            **shop_context(request),
            **known_to_the_chat(request),
            "email": "",
            "failure": "",
            "example": _EXAMPLE,
            "password": PASSWORD,
        }
        if request.method == "POST":
            context["email"] = request.POST.get("email", "").strip()[:254]
            context["failure"] = _log_in(request, context["email"])
            if not context["failure"]:
                return redirect(f"{request.path}?lang={context['lang']}")
        status = 403 if context["failure"] else 200
        return render(request, "demo/account.html", context, status=status)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Log out of the shop, and of nothing else."""
    request.session.pop(_SESSION, None)
    return redirect(f"/account/?lang={shop_context(request)['lang']}")


def _log_in(request: HttpRequest, email: str) -> str:
    """Log in; return why not, in the reader's language, or ""."""
    counter = _counter(request, email)
    cache.add(counter, 0, _WINDOW_SECONDS)
    try:
        tries = cache.incr(counter)
    except ValueError:  # it ran out just now
        tries = 1
    if tries > _MOST_FAILURES:
        return _("Too many attempts. Wait a quarter of an hour, then try again.")
    found = account_with_password(email, request.POST.get("password", "")[:4_096])
    if found is None:
        return _("The email or the password is not right.")
    cache.delete(counter)
    request.session.cycle_key()
    request.session[_SESSION] = {"id": found.pk, "proof": found.get_session_auth_hash()}
    return ""


def _counter(request: HttpRequest, email: str) -> str:
    """Return under what attempts are counted: a fingerprint, so that no address is kept."""
    who = f"{plain_email(email)} {request.META.get('REMOTE_ADDR', '')}"
    return f"demo-login:{salted_hmac('demo-login', who).hexdigest()}"


def known_to_the_chat(request: HttpRequest) -> dict[str, Any]:
    """Return what the shop's pages show of who is logged in: `customer` and `identity`."""
    customer = account_of(request)
    return {"customer": customer, "identity": identity_of(customer) if customer else ""}
