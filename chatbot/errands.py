"""Runs what was to be sent behind a reply: links, codes, labels. See `chatbot.actions.errands`."""

import base64
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django_tasks import task

from chatbot.actions import errands, proof, wording
from chatbot.actions.models import Errand
from chatbot.conversations import wording as common
from chatbot.replies import as_html
from chatbot.routing.handing import Brief, bring_person
from chatbot.systems import connected
from chatbot.systems.ports import SystemFailure

logger = logging.getLogger(__name__)
_TAKEN_FOR = timedelta(seconds=60)  # then whoever took it is held to have crashed


@task()
def run_errand(errand_id: int) -> None:
    """Do one errand that waits; the last failed attempt brings a person."""
    errand = errands.claim(errand_id=errand_id, until=timezone.now() + _TAKEN_FOR)
    if errand is None:
        return
    try:
        _WAYS[errand.kind](errand, errand.payload)
    except Exception as error:
        retry = not isinstance(error, SystemFailure) or error.retry
        # Their own words may hold an address.
        kind = str(error) if isinstance(error, SystemFailure) else type(error).__name__
        logger.warning("errand %s (%s) failed: %s", errand.pk, errand.kind, kind)
        if errands.record_failed(errand=errand, error=kind, retry=retry) and _may_tell(
            errand, error
        ):
            _tell(errand)
        return
    errands.record_done(errand=errand)


def _may_tell(errand: Errand, error: Exception) -> bool:
    """Return whether a failure may be told: not one that only accounts can have."""
    of_account = isinstance(error, SystemFailure) and error.kind == "refused"
    return not (of_account and errand.kind == Errand.Kind.RESET)


def _tell(errand: Errand) -> None:
    """Tell the customer that what was promised does not come, and bring a person."""
    conversation = errand.conversation
    with common.in_language(conversation.language):
        text = wording.mail_failed()
    bring_person(conversation=conversation, reason="tool_failure", brief=Brief(text=text))


def _reset(errand: Errand, payload: Mapping[str, Any]) -> None:
    accounts = connected.accounts()
    if accounts is None:
        raise SystemFailure("accounts", "unavailable", retry=False)
    accounts.send_reset(payload["email"], payload["language"])


def _code(errand: Errand, payload: Mapping[str, Any]) -> None:
    shop = errand.conversation.channel.name
    with common.in_language(payload["language"]):
        # Made only now, so that it is written down nowhere but in the mail.
        code = proof.new_code(conversation=errand.conversation, email=payload["email"])
        subject = wording.code_subject(shop=shop)
        _mail(payload["email"], subject, wording.code_mail(code=code, shop=shop))


def _label(errand: Errand, payload: Mapping[str, Any]) -> None:
    shop = errand.conversation.channel.name
    with common.in_language(payload["language"]):
        number = payload["number"]
        text = wording.label_mail(number=number, names=payload["names"], until=payload["day"])
        if payload["url"]:
            text = f"{text}\n\n{payload['url']}"
        pdf = base64.b64decode(payload["pdf"])
        _mail(
            payload["email"],
            wording.label_subject(number=number, shop=shop),
            text,
            [(f"{number}.pdf", pdf, "application/pdf")] if pdf else [],
        )


def _text(errand: Errand, payload: Mapping[str, Any]) -> None:
    texts = connected.texts()
    if texts is None:
        raise SystemFailure("texts", "unavailable", retry=False)
    texts.send(payload["phone"], payload["text"], key=errand.key)


def _mail(
    to: str, subject: str, text: str, files: list[tuple[str, bytes, str]] | None = None
) -> None:
    mail = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=[to],
        # RFC 3834: no machine is to answer it.
        headers={"Auto-Submitted": "auto-generated"},
        attachments=files or [],
    )
    mail.attach_alternative(as_html(text), "text/html")
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        raise SystemFailure("mail", "unavailable", retry=True) from error


_WAYS: Mapping[str, Callable[[Errand, Mapping[str, Any]], None]] = {
    Errand.Kind.RESET: _reset,
    Errand.Kind.CODE: _code,
    Errand.Kind.LABEL: _label,
    Errand.Kind.TEXT: _text,
}
