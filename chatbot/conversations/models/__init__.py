"""The rows that are the truth: what was said, by whom, and where it still has to go."""

from chatbot.conversations.models.channel import (
    EMAIL,
    WEBSITE,
    Channel,
    ChannelHealth,
    ReceivedEvent,
    new_key,
    new_secret,
)
from chatbot.conversations.models.contact import (
    Contact,
    ContactIdentity,
    ContactMerge,
    unnamed,
)
from chatbot.conversations.models.conversation import (
    HAS_DUE,
    NEXT_DUE,
    Conversation,
    HandoffDetail,
    HandoffReason,
    Priority,
    Status,
)
from chatbot.conversations.models.files import private_files, private_path
from chatbot.conversations.models.judging import (
    Classification,
    Rating,
    Recommendation,
    SiteConfidence,
    Verdict,
)
from chatbot.conversations.models.message import Attachment, Delivery, Message, SentPart
from chatbot.conversations.models.sorting import ConversationLabel, ConversationLink, Label

# Names by which migrations know them.
attachment_files, attachment_path = private_files, private_path

__all__ = [
    "EMAIL",
    "HAS_DUE",
    "NEXT_DUE",
    "WEBSITE",
    "Attachment",
    "Channel",
    "ChannelHealth",
    "Classification",
    "Contact",
    "ContactIdentity",
    "ContactMerge",
    "Conversation",
    "ConversationLabel",
    "ConversationLink",
    "Delivery",
    "HandoffDetail",
    "HandoffReason",
    "Label",
    "Message",
    "Priority",
    "Rating",
    "ReceivedEvent",
    "Recommendation",
    "SentPart",
    "SiteConfidence",
    "Status",
    "Verdict",
    "new_key",
    "new_secret",
    "private_files",
    "private_path",
    "unnamed",
]
