"""Who a customer has proven to be, and how often that may be tried.

One-time codes follow OWASP's advice for them: six random digits, good for ten minutes and three
tries, kept as a keyed hash, for one conversation and one address, and sent only so often.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from enum import Enum

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chatbot.actions.base import Case
from chatbot.actions.errands import add_errand
from chatbot.actions.models import Attempt, Errand, OneTimeCode, Proof
from chatbot.conversations import identity as identities
from chatbot.conversations.models import Conversation

CODE_LASTS = timedelta(minutes=10)
CODE_TRIES = 3
_PROOF_LASTS = timedelta(hours=2)
_HOUR = timedelta(hours=1)
# How many an hour: sent to one address, sent for one visitor, tries at one order, by one visitor.
_MOST = {"code": 4, "codes": 6, "order": 10, "visitor": 8, "reset": 4, "resets": 6}


class TooMany(Exception):
    """More tries than somebody who means well needs."""


class Checked(Enum):
    """What a code that came back is."""

    RIGHT = "right"
    WRONG = "wrong"  # and may be tried again
    OVER = "over"  # the tries are
    EXPIRED = "expired"


def keyed(value: str) -> str:
    """Return a keyed hash that tells addresses and numbers apart without telling them."""
    return hmac.new(
        settings.SECRET_KEY.encode(), f"svar.actions:{value}".encode(), hashlib.sha256
    ).hexdigest()


def count(kind: str, case: Case, *, subject: str) -> None:
    """Count a try of `kind` at `subject`, once for one message. Raises TooMany."""
    hashed = keyed(f"{kind}:{subject.casefold()}")
    recent = Attempt.objects.filter(kind=kind, subject=hashed, at__gt=timezone.now() - _HOUR)
    if recent.exclude(key=case.key).count() >= _MOST[kind]:
        raise TooMany
    with transaction.atomic():
        Attempt.objects.get_or_create(kind=kind, subject=hashed, key=case.key)


# --- Proofs -----------------------------------------------------------------------------------
def proven_email(conversation: Conversation) -> str:
    """Return the address that was proven by a code, or ""."""
    found = Proof.objects.filter(
        conversation=conversation, kind=Proof.Kind.CODE, until__gt=timezone.now()
    ).last()
    return found.email if found is not None else ""


def has_proven(conversation: Conversation, order: str) -> bool:
    """Return whether the customer gave this order's number together with its address."""
    return Proof.objects.filter(
        conversation=conversation,
        kind=Proof.Kind.ORDER,
        order__iexact=order,
        until__gt=timezone.now(),
    ).exists()


def note_order(*, conversation: Conversation, email: str, order: str) -> None:
    """Record that number and address of an order were given together."""
    _note(conversation, Proof.Kind.ORDER, email, order)


def _note(conversation: Conversation, kind: str, email: str, order: str = "") -> None:
    with transaction.atomic():
        Proof.objects.create(
            conversation=conversation,
            kind=kind,
            email=email,
            order=order,
            until=timezone.now() + _PROOF_LASTS,
        )


# --- Codes ------------------------------------------------------------------------------------
def send_code(*, case: Case, email: str) -> None:
    """Have a code mailed to `email`, whoever that is. Raises TooMany."""
    count("code", case, subject=email)
    count("codes", case, subject=str(case.conversation.identity_id))
    add_errand(
        kind=Errand.Kind.CODE,
        case=case,
        payload={"email": email, "language": case.language},
    )


def new_code(*, conversation: Conversation, email: str) -> str:
    """Make a code for the customer of `conversation` at `email`; those before are void."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        OneTimeCode.objects.filter(conversation=conversation).delete()
        OneTimeCode.objects.create(
            conversation=conversation,
            email=email,
            digest=_digest(conversation, email, code),
            tries_left=CODE_TRIES,
            expires_at=timezone.now() + CODE_LASTS,
        )
    return code


def _digest(conversation: Conversation, email: str, code: str) -> str:
    return keyed(f"code:{conversation.pk}:{email.casefold()}:{code}")


def check_code(*, conversation: Conversation, email: str, code: str) -> Checked:
    """Check a code; the right one proves the address and is void from then on."""
    with transaction.atomic():
        known = (
            OneTimeCode.objects.select_for_update()
            .filter(conversation=conversation, email=email)
            .last()
        )
        if known is None or known.expires_at <= timezone.now():
            return Checked.EXPIRED
        # Taken before it is compared: of two tries at once both count.
        left = OneTimeCode.objects.filter(pk=known.pk, tries_left__gt=0).update(
            tries_left=F("tries_left") - 1
        )
        if not left:
            return Checked.OVER
        if hmac.compare_digest(known.digest, _digest(conversation, email, code)):
            known.delete()
            _note(conversation, Proof.Kind.CODE, email)
            identities.prove_email(identity=conversation.identity, email=email)
            return Checked.RIGHT
        return Checked.WRONG if known.tries_left > 1 else Checked.OVER


def forget_old(*, now_minus: timedelta = timedelta(days=1)) -> None:
    """Delete codes, proofs and counted tries that matter no more."""
    before = timezone.now() - now_minus
    for rows in (
        OneTimeCode.objects.filter(expires_at__lt=before),
        Proof.objects.filter(until__lt=before),
        Attempt.objects.filter(at__lt=before),
    ):
        if rows.exists():
            rows.delete()
