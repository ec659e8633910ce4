"""One person on several channels: merged by proof or by hand, and taken apart again."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chatbot.conversations import identity as identities
from chatbot.conversations import merging
from chatbot.conversations.models import (
    Channel,
    Contact,
    ContactIdentity,
    ContactMerge,
    Conversation,
)
from chatbot.conversations.recording import record_inbound
from chatbot.envelope import InboundMessage

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def channels() -> Iterator[list[Channel]]:
    made = [
        Channel.objects.create(kind="http", name=name, identity_secret="of one company" * 3)
        for name in ("App", "Forum")
    ]
    yield made
    Channel.objects.filter(pk__in=[one.pk for one in made]).update(is_active=False)


def write(channel: Channel, sender: str, **more: Any) -> Conversation:
    """Write as somebody; return the conversation."""
    inbound = InboundMessage(
        channel_id=channel.pk,
        sender_id=sender,
        external_id=uuid.uuid4().hex,
        text="I want to talk to a person",
        answer=False,
        **more,
    )
    return record_inbound(inbound=inbound).message.conversation


def contact(conversation: Conversation) -> Contact:
    return Conversation.objects.select_related("contact").get(pk=conversation.pk).contact


def named(conversation: Conversation, **who: str) -> None:
    identities.verify_identity(
        identity=ContactIdentity.objects.get(pk=conversation.identity_id),
        until=timezone.now() + timedelta(hours=1),
        **who,
    )


def test_the_same_signed_id_on_two_channels_is_one_person(channels: list[Channel]) -> None:
    app, forum = (write(channel, "a") for channel in channels)
    named(app, external_id="c-7", email="karen@example.com")
    named(forum, external_id="c-7", email="other@example.com")
    assert contact(app) == contact(forum)
    assert ContactMerge.objects.get(kept=contact(app)).way == "proven"


def test_two_websites_that_count_from_one_have_two_customers(channels: list[Channel]) -> None:
    Channel.objects.filter(pk=channels[1].pk).update(identity_secret="of another company" * 2)
    app, forum = (write(channel, "j") for channel in channels)
    named(app, external_id="1", email="karen@example.com")
    named(forum, external_id="1", email="other@example.com")
    assert contact(app) != contact(forum)


def test_an_address_proven_by_a_code_is_the_same_as_a_signed_one(
    channels: list[Channel],
) -> None:
    app, forum = (write(channel, "b") for channel in channels)
    named(app, external_id="c-8", email="lars@example.com")
    identity = ContactIdentity.objects.get(pk=forum.identity_id)
    identities.prove_email(identity=identity, email="Lars@Example.com")
    assert contact(app) == contact(forum)


def test_an_address_that_somebody_only_wrote_proves_nothing(channels: list[Channel]) -> None:
    app = write(channels[0], "c", sender_email="ida@example.com")
    forum = write(channels[1], "c", sender_email="ida@example.com")
    assert contact(app) != contact(forum)
    assert list(merging.likely_same(contact(app))) == [contact(forum)]


def test_two_accounts_with_one_address_stay_two(channels: list[Channel]) -> None:
    app, forum = (write(channel, "d") for channel in channels)
    named(app, external_id="c-1", email="family@example.com")
    named(forum, external_id="c-2", email="family@example.com")
    assert contact(app) != contact(forum)


def test_a_merge_is_undone_to_what_it_was(channels: list[Channel]) -> None:
    kept = write(channels[0], "e", sender_name="Karen Holm")
    other = write(channels[1], "e", sender_name="K. H.", sender_email="karen@example.com")
    merge = merging.merge_contacts(kept=contact(kept), other=contact(other), way="agent")
    assert contact(kept) == contact(other)
    assert contact(kept).email == "karen@example.com"  # what was missing is filled in
    back = merging.undo_merge(merge=merge)
    assert contact(other) == back
    assert (back.name, back.email) == ("K. H.", "karen@example.com")
    assert (contact(kept).name, contact(kept).email) == ("Karen Holm", "")
    with pytest.raises(merging.CannotUndo):
        merging.undo_merge(merge=merge)


def test_what_was_written_after_a_merge_stays_when_it_is_undone(channels: list[Channel]) -> None:
    kept, other = write(channels[0], "f"), write(channels[1], "f", sender_email="a@example.com")
    merge = merging.merge_contacts(kept=contact(kept), other=contact(other), way="agent")
    Contact.objects.filter(pk=contact(kept).pk).update(email="new@example.com")
    merging.undo_merge(merge=merge)
    assert contact(kept).email == "new@example.com"


def test_a_merge_of_merges_comes_apart_step_by_step(channels: list[Channel]) -> None:
    one, two = write(channels[0], "g"), write(channels[1], "g")
    three = write(channels[0], "h")
    first = merging.merge_contacts(kept=contact(two), other=contact(three), way="agent")
    second = merging.merge_contacts(kept=contact(one), other=contact(two), way="agent")
    assert contact(one) == contact(two) == contact(three)
    merging.undo_merge(merge=second)
    assert contact(one) != contact(two) == contact(three)
    assert {merge.pk for merge in merging.merges_of(contact(two))} == {first.pk}
    merging.undo_merge(merge=first)
    assert contact(two) != contact(three)


def test_nobody_is_merged_with_themselves(channels: list[Channel]) -> None:
    one = write(channels[0], "i")
    with pytest.raises(merging.CannotMerge):
        merging.merge_contacts(kept=contact(one), other=contact(one), way="agent")
