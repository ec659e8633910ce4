"""What agents did, kept so that they can take it back for ten minutes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from chatbot.inbox.models import BulkDeed

UNDO_FOR = timedelta(minutes=10)
MACRO = "macro"


# --- Reads ------------------------------------------------------------------------------------
def undoable(user_id: int) -> QuerySet[BulkDeed]:
    """Return what somebody can still take back, the newest first."""
    since = timezone.now() - UNDO_FOR
    return BulkDeed.objects.filter(user_id=user_id, undone_at=None, created_at__gt=since)


def until(deed: BulkDeed | None) -> datetime | None:
    """Return when a deed can be taken back no more; None where there is nothing to take back."""
    return deed.created_at + UNDO_FOR if deed else None


# --- Writes -----------------------------------------------------------------------------------
def keep_deed(
    *, user_id: int, deed: str, kept: Mapping[str, Any], values: Mapping[str, Any]
) -> BulkDeed | None:
    """Keep what undoing needs, by conversation; None where nothing changed."""
    if not kept:
        return None
    return BulkDeed.objects.create(
        user_id=user_id, deed=deed, values=dict(values), before=dict(kept)
    )


def claim_deed(*, deed: BulkDeed) -> bool:
    """Note that a deed is taken back; return False where it was already, or is too old."""
    rows = undoable(deed.user_id).filter(pk=deed.pk).update(undone_at=timezone.now())
    return bool(rows)
