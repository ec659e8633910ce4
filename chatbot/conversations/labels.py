"""The writes and reads of labels."""

from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Count

from chatbot.conversations import services
from chatbot.conversations.models import Conversation, ConversationLabel, Label

MOST = 20  # on one conversation


class TooMany(ValueError):
    """More labels than a conversation can have."""


def all_labels() -> Sequence[Label]:
    """Return all labels by name."""
    return list(Label.objects.all())


def ensure_label(*, name: str) -> Label:
    """Return the label of that name, however it is capitalised; made now if need be.

    A new one gets the colour that the fewest have.
    """
    name = " ".join(name.split())
    found = Label.objects.filter(name__iexact=name).first()
    if found is not None:
        return found
    used = dict(Label.objects.order_by().values_list("colour").annotate(Count("pk")))
    colour = min(Label.Colour.values, key=lambda one: used.get(one, 0))
    try:
        with transaction.atomic():
            return Label.objects.create(name=name, colour=colour)
    except IntegrityError:  # somebody else has just made it
        return Label.objects.get(name=name)


def change_labels(
    *,
    conversation: Conversation,
    add: Iterable[int] = (),
    remove: Iterable[int] = (),
    user_id: int | None = None,
) -> tuple[list[int], list[int]]:
    """Put labels on a conversation and take others off, by id; return which came and which went.

    Labels that are not there any more are passed over. Raises TooMany.
    """
    with transaction.atomic():
        Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
        has = set(
            ConversationLabel.objects.filter(conversation=conversation).values_list(
                "label_id", flat=True
            )
        )
        gone = has & set(remove)
        new = set(Label.objects.filter(pk__in=set(add) - has).values_list("pk", flat=True))
        if new and len(has - gone) + len(new) > MOST:
            raise TooMany
        if not new and not gone:
            return [], []
        ConversationLabel.objects.filter(conversation=conversation, label_id__in=gone).delete()
        ConversationLabel.objects.bulk_create(
            ConversationLabel(conversation=conversation, label_id=pk, user_id=user_id)
            for pk in sorted(new)
        )
        services.announce_change(conversation=conversation)
    return sorted(new), sorted(gone)
