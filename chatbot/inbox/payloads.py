"""Conversations as the inbox shows them. The forms are in docs/inbox-api.md."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from chatbot.actions import labels
from chatbot.actions.models import Proof
from chatbot.agent_events import (
    AgentPresence,
    ContactPart,
    LabelPart,
    MePart,
    Named,
    PreviewPart,
    RowPart,
    TopicPart,
    Viewer,
)
from chatbot.conversations.deliveries import failed_conversations
from chatbot.conversations.devices import system_and_browser
from chatbot.conversations.identity import is_verified, verified_email
from chatbot.conversations.models import (
    Conversation,
    ConversationLabel,
    HandoffDetail,
    HandoffReason,
    unnamed,
)
from chatbot.conversations.payloads import channel_part
from chatbot.events import Payload
from chatbot.inbox.assigned import AssignmentPart, assignment_part
from chatbot.inbox.counting import Counts
from chatbot.inbox.mentions import unseen_mentions
from chatbot.inbox.person import (
    GoesToPart,
    PersonPart,
    RatingPart,
    goes_to_part,
    person_part,
    rating_part,
)
from chatbot.inbox.related import BlockPart, PastPart, block_part, clocks, past_part
from chatbot.inbox.summary import shown, summarise
from chatbot.routing import joining, selectors
from chatbot.routing.models import AgentProfile
from knowledge.search import topic_names


class PagePart(Payload):
    url: str
    title: str


class ClientPart(Payload):
    browser: str
    os: str


class FullContactPart(ContactPart):
    language: str
    since: datetime
    identified: bool  # the website says now who this is
    email_checked: bool  # and that the address is theirs


class DraftPart(Payload):
    title: str
    text: str
    confidence: float | None


class FieldPart(Payload):
    """Something that the bot collected, in the order to be read."""

    name: str
    label: str
    value: str


class HandoffPart(Payload):
    """What the agent needs first; `action` is what the bot was doing, or "".

    `summary` is `form` in one line, `proofs` sentences about who the customer proved to be:
    empty where nothing was proven.
    """

    question: str
    at: datetime
    draft: DraftPart | None
    action: str
    action_name: str
    summary: str
    form: list[FieldPart]
    proofs: list[str]


class DetailPart(RowPart):
    """A conversation with all that the agent needs beside the transcript.

    `linked` belong together with it; the messages of those in `merged` are read in it.
    """

    contact: FullContactPart
    created_at: datetime
    page: PagePart
    client: ClientPart
    handoff: HandoffPart | None
    assignment: AssignmentPart | None
    goes_to: GoesToPart
    person: PersonPart
    rating: RatingPart | None
    past: list[PastPart]
    linked: list[PastPart]
    merged: list[PastPart]
    block: BlockPart | None
    viewers: list[Viewer]


def names_of(conversations: Iterable[Conversation]) -> Mapping[int, str]:
    """Return the agents' names by user id, of all who have one of `conversations`."""
    users = {c.assignee_id for c in conversations if c.assignee_id is not None}
    if not users:
        return {}
    rows = AgentProfile.objects.filter(user_id__in=users).values_list("user_id", "name")
    return dict(rows)


def localised(row: dict[str, Any], language: str) -> dict[str, Any]:
    """Return a row's JSON with the texts that depend on its reader, in `language`.

    Rows of the live connection are made once for all agents; names and reasons are not.
    """
    with translation.override(language):
        contact, reason, topic = row["contact"], row["reason"], row["topic"]
        if not contact["named"]:
            contact["name"] = contact["email"] or unnamed(contact["id"])
        if reason:
            row["reason_text"] = str(HandoffReason(reason).label)
        if topic:
            topic["name"] = topic_names().get(topic["slug"], topic["name"])
    return row


def failed_of(conversations: Collection[Conversation]) -> Collection[int]:
    """Return the ids of those of `conversations` in which something was not delivered."""
    ids = [conversation.pk for conversation in conversations]
    return set(failed_conversations().filter(message__conversation_id__in=ids))


def row_part(
    conversation: Conversation,
    names: Mapping[int, str] | None = None,
    failed: Collection[int] | None = None,
) -> RowPart:
    """Return the conversation as a row of a list."""
    return RowPart(**_row(conversation, names, failed))


def _row(
    conversation: Conversation,
    names: Mapping[int, str] | None = None,
    failed: Collection[int] | None = None,
) -> dict[str, Any]:
    names = names_of([conversation]) if names is None else names
    failed = failed_of([conversation]) if failed is None else failed
    contact, channel, assignee = (
        conversation.contact,
        conversation.channel,
        conversation.assignee_id,
    )
    topic = conversation.topic
    reason = conversation.reason
    return {
        "id": conversation.pk,
        "contact": ContactPart(
            id=contact.pk,
            name=str(contact),
            email=contact.email,
            named=bool(contact.name),
            vip=contact.is_vip,
            blocked=contact.blocked_at is not None,
        ),
        "channel": channel_part(channel),
        "subject": conversation.subject,
        "status": str(conversation.status),
        "priority": str(conversation.priority),
        "topic": TopicPart(slug=topic, name=topic_names().get(topic, topic)) if topic else None,
        "language": conversation.language,
        "reason": reason,
        "reason_text": _reason_text(conversation),
        "confidence": conversation.confidence,
        "preview": PreviewPart(
            text=conversation.preview_text, author=_author(conversation.preview_author)
        ),
        "last_message_at": conversation.last_message_at,
        "waiting_since": conversation.waiting_since,
        "assignee": Named(id=assignee, name=names.get(assignee, "")) if assignee else None,
        "failed": conversation.pk in failed,
        "labels": [
            LabelPart(id=row.label_id, name=row.label.name, colour=row.label.colour)
            for row in sorted(label_rows(conversation), key=lambda row: row.label.name)
        ],
        "snoozed_until": conversation.snoozed_until,
        **clocks(conversation),
        "merged_into": conversation.merged_into_id,
    }


def label_rows(conversation: Conversation) -> Iterable[ConversationLabel]:
    """Return what is stuck on it; prefetch `label_rows__label` for many conversations."""
    if "label_rows" in getattr(conversation, "_prefetched_objects_cache", {}):
        return conversation.label_rows.all()
    return conversation.label_rows.select_related("label")


def _author(kind: str) -> Any:
    return str(kind)


def detail_part(conversation: Conversation, reader_id: int | None = None) -> DetailPart:
    """Return everything about the conversation but its messages, to the agent who reads it."""
    contact = conversation.contact
    checked = verified_email(conversation)
    assignment = selectors.latest_assignment(conversation)
    others = contact.conversations.exclude(pk=conversation.pk).select_related("channel", "contact")
    past = others.order_by("-last_message_at")[:10]
    values = _row(conversation) | {
        "contact": FullContactPart(
            id=contact.pk,
            name=str(contact),
            email=checked or contact.email,
            named=bool(contact.name),
            vip=contact.is_vip,
            blocked=contact.blocked_at is not None,
            language=conversation.language or contact.language,  # a Dane's phone may be in English
            since=contact.created_at,
            identified=is_verified(conversation.identity),
            email_checked=bool(checked),
        ),
        "created_at": conversation.created_at,
        "page": PagePart(url=conversation.page_url, title=conversation.page_title),
        "client": client_part(conversation.user_agent),
        "handoff": _handoff(conversation),
        "assignment": assignment_part(assignment, reader_id) if assignment else None,
        "goes_to": goes_to_part(conversation),
        "person": person_part(contact),
        "rating": rating_part(conversation),
        "past": [past_part(other) for other in past],
        "linked": [past_part(other) for other in joining.linked(conversation)],
        "merged": [past_part(other) for other in joining.merged(conversation)],
        "block": block_part(contact),
        "viewers": viewer_parts(conversation.pk),
    }
    return DetailPart(**values)


def client_part(user_agent: str) -> ClientPart:
    """Return the browser and the operating system that a User-Agent header names."""
    system, browser = system_and_browser(user_agent)
    return ClientPart(browser=browser, os=system)


def _reason_text(conversation: Conversation) -> str:
    detail = conversation.handoff.get("detail", "")
    if detail in HandoffDetail.values:
        return str(HandoffDetail(detail).label)
    return str(HandoffReason(conversation.reason).label) if conversation.reason else ""


def topic_parts() -> list[TopicPart]:
    """Return everything that a conversation can be about."""
    return [TopicPart(slug=slug, name=name) for slug, name in topic_names().items()]


def _handoff(conversation: Conversation) -> HandoffPart | None:
    stored: Mapping[str, Any] = conversation.handoff
    at = parse_datetime(stored["at"]) if stored.get("at") else None
    if at is None:
        return None
    draft = stored.get("draft")
    action = stored.get("action", "")
    form = [(name, value) for name, value in stored.get("form", ())]
    return HandoffPart(
        question=stored.get("question", ""),
        at=at,
        draft=DraftPart(
            title=draft["title"], text=draft["text"], confidence=draft.get("confidence")
        )
        if draft
        else None,
        action=action,
        action_name=labels.action_name(action) if action else "",
        summary=summarise(action, form),
        form=[
            FieldPart(name=name, label=labels.slot_label(name), value=shown(name, value))
            for name, value in form
        ],
        proofs=_proofs(conversation, at) if form else [],
    )


def _proofs(conversation: Conversation, handed_off: datetime) -> list[str]:
    """Return who the customer has proven to be, with what held at the handoff or after it."""
    identity = conversation.identity
    told = []
    if is_verified(identity):
        who = identity.verified_email or identity.verified_id
        told.append(gettext("Signed in on your site as %(who)s") % {"who": who})
    for proof in Proof.objects.filter(conversation=conversation, until__gt=handed_off).order_by(
        "pk"
    ):
        if proof.kind == Proof.Kind.CODE:
            told.append(gettext("Proved by code: %(email)s") % {"email": proof.email})
        else:
            told.append(
                gettext("Gave number and address of order %(order)s") % {"order": proof.order}
            )
    return list(dict.fromkeys(told))  # each once


def viewer_parts(conversation_id: int) -> list[Viewer]:
    """Return who has the conversation open."""
    return [
        Viewer(id=user, name=name, typing=typing)
        for user, name, typing in selectors.viewers(conversation_id)
    ]


def presence_parts() -> list[AgentPresence]:
    """Return all agents with their presence and load."""
    users = dict(AgentProfile.objects.values_list("pk", "user_id"))
    return [
        AgentPresence(
            id=users[agent.id],
            name=agent.name,
            presence=agent.presence,
            open=agent.open,
            capacity=agent.capacity,
        )
        for agent in selectors.agents()
    ]


def me_part(agent: AgentProfile) -> MePart:
    """Return the agent to themselves."""
    return MePart(
        id=agent.user_id,
        name=agent.name,
        presence="online" if agent.presence == AgentProfile.Presence.ONLINE else "away",
        capacity=agent.capacity,
        open=selectors.open_counts().get(agent.user_id, 0),
        staff=agent.user.is_staff,
        supervises=selectors.supervises(agent.user),
        mentions=unseen_mentions(agent.user_id),
        counts=Counts(agent.user_id).of(agent.user_id),
    )
