"""Moving the confidence to a site's own outcomes: looked at, used, taken back, and by itself."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from chatbot import wiring
from chatbot.answering.confidence import ConfidenceModel
from chatbot.answering.refitting import ENOUGH, Refit, refit
from chatbot.conversations import calibration
from chatbot.conversations.models import Channel, SiteConfidence, Verdict
from chatbot.insights import labels

_BETWEEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What refitting to the labels of now would do on a channel (None: on all)."""

    channel_id: int | None
    shipped: ConfidenceModel
    refit: Refit
    in_use: SiteConfidence | None


def scopes() -> list[int | None]:
    """Return what has a model: all channels together, and each where there are several."""
    active = Channel.objects.filter(is_active=True).order_by("pk")
    channels = list(active.values_list("pk", flat=True))
    return [None, *channels] if len(channels) > 1 else [None]


def propose(channel_id: int | None) -> Proposal:
    """Return what refitting would do now; nothing is changed."""
    shipped = wiring.shipped_model()
    outcomes = [label.outcome for label in labels.labelled(channel_id)]
    return Proposal(
        channel_id,
        shipped,
        refit(shipped, outcomes),
        calibration.active(channel_id=channel_id, shipped=wiring.shipped_name()),
    )


def use_refit(*, channel_id: int | None, user_id: int) -> bool:
    """Use the refitted model on a channel, if it is the better one; return whether it is."""
    proposal = propose(channel_id)
    if proposal.refit.is_kept:
        _record(proposal, is_active=True, user_id=user_id)
    return proposal.refit.is_kept


def use_shipped(*, channel_id: int | None, user_id: int) -> None:
    """Go back to the shipped model on a channel; it stays until a person says otherwise."""
    shipped = wiring.shipped_model()
    with transaction.atomic():
        calibration.record_confidence(
            channel_id=channel_id,
            shift=shipped.shift,
            slope=shipped.slope,
            shipped=wiring.shipped_name(),
            is_active=True,
            user_id=user_id,
        )
        transaction.on_commit(wiring.forget_models)


@task()
def refit_due() -> None:
    """Refit each channel that has enough new outcomes, at most once a day, and keep the better.

    Where a person went back to the shipped model, what comes out is only proposed.
    """
    for channel_id in scopes():
        if not _is_due(channel_id):
            continue
        proposal = propose(channel_id)
        held = proposal.in_use is not None and not proposal.in_use.labels
        _record(proposal, is_active=proposal.refit.is_kept and not held)


def _is_due(channel_id: int | None) -> bool:
    last = calibration.latest(channel_id=channel_id, shipped=wiring.shipped_name())
    if last and last.created_at > timezone.now() - _BETWEEN:
        return False
    new = Verdict.objects.all()
    if channel_id is not None:
        new = new.filter(message__channel_id=channel_id)
    if last:
        new = new.filter(created_at__gt=last.created_at)
    return new.count() >= ENOUGH


def _record(proposal: Proposal, *, is_active: bool, user_id: int | None = None) -> None:
    found = proposal.refit
    with transaction.atomic():
        calibration.record_confidence(
            channel_id=proposal.channel_id,
            shift=found.model.shift,
            slope=found.model.slope,
            shipped=wiring.shipped_name(),
            labels=found.labels,
            losses=(found.loss_before, found.loss_after),
            is_active=is_active,
            user_id=user_id,
        )
        transaction.on_commit(wiring.forget_models)
