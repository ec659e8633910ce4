"""Which move of the shipped confidence each channel uses: the reads and the writes."""

from django.db import transaction
from django.db.models import QuerySet

from chatbot.conversations.models import SiteConfidence


def active_moves(*, shipped: str) -> dict[int | None, tuple[float, float]]:
    """Return (shift, slope) by channel, None for all others, of the model named `shipped`.

    What was fitted to a model that was shipped before is not used: an upgrade starts anew.
    """
    return {
        row.channel_id: (row.shift, row.slope)
        for row in SiteConfidence.objects.filter(is_active=True, shipped=shipped)
    }


def active(*, channel_id: int | None, shipped: str) -> SiteConfidence | None:
    """Return what was chosen for a channel itself (None: for all), by a person or by itself."""
    return _of(channel_id).filter(is_active=True, shipped=shipped).first()


def latest(*, channel_id: int | None, shipped: str) -> SiteConfidence | None:
    """Return the newest fit or choice for a channel (None: for all), in use or not."""
    return _of(channel_id).filter(shipped=shipped).order_by("-created_at", "-id").first()


def _of(channel_id: int | None) -> QuerySet[SiteConfidence]:
    if channel_id is None:
        return SiteConfidence.objects.filter(channel__isnull=True)
    return SiteConfidence.objects.filter(channel_id=channel_id)


def record_confidence(
    *,
    channel_id: int | None,
    shift: float,
    slope: float,
    shipped: str,
    labels: int = 0,
    losses: tuple[float | None, float | None] = (None, None),
    is_active: bool,
    user_id: int | None = None,
) -> SiteConfidence:
    """Record a fit or a person's choice; where it `is_active`, it takes the place of the other."""
    with transaction.atomic():
        if is_active:
            _of(channel_id).filter(is_active=True).update(is_active=False)
        return SiteConfidence.objects.create(
            channel_id=channel_id,
            shift=shift,
            slope=slope,
            shipped=shipped,
            labels=labels,
            loss_before=losses[0],
            loss_after=losses[1],
            is_active=is_active,
            user_id=user_id,
        )
