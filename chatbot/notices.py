"""Handoffs told to agents where they are: a line in a channel of their own, with a link."""

import logging

from django.conf import settings
from django.utils.translation import gettext as _
from django_tasks import task

from chatbot.adapters import adapter_class
from chatbot.conversations import wording
from chatbot.conversations.models import HandoffDetail, HandoffReason
from chatbot.routing import notices
from chatbot.routing.models import HandoffNotice

logger = logging.getLogger(__name__)


@task()
def send_notice(notice_id: int) -> None:
    """Post one notice; later again where that may help."""
    notice = notices.claim(notice_id=notice_id)
    if notice is None:
        return
    channel = notice.channel
    try:
        with wording.in_language(channel.language):
            adapter_class(channel.kind)(channel).post_notice(
                channel.config["notice_channel"],
                _text(notice),
                _url(notice),
                _("Open in the inbox"),
                key=f"notice-{notice.pk}",  # where we end before recording it, none comes twice
            )
    except Exception as error:
        logger.warning("notice %s failed: %s", notice_id, type(error).__name__)
        notices.record_failed(
            notice=notice,
            error=str(error) if hasattr(error, "permanent") else type(error).__name__,
            permanent=bool(getattr(error, "permanent", False)),
            retry_after=float(getattr(error, "retry_after", None) or 0.0),
        )
        return
    notices.record_sent(notice=notice)


def _text(notice: HandoffNotice) -> str:
    """Return why a person is needed. What the customer wrote stays in the inbox."""
    conversation = notice.conversation
    detail = conversation.handoff.get("detail", "")
    reason = (
        HandoffDetail(detail).label
        if detail in HandoffDetail.values
        else HandoffReason(conversation.reason).label
    )
    return _("%(contact)s on %(channel)s needs a person: %(reason)s.") % {
        "contact": str(conversation.contact),
        "channel": conversation.channel.name,
        "reason": reason,
    }


def _url(notice: HandoffNotice) -> str:
    return f"{settings.BASE_URL}/inbox/c/{notice.conversation_id}/"
