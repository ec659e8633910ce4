"""What agents work with: views, drafts, texts at hand, macros, mentions, and their own choices."""

from chatbot.inbox.models.help import Suggestion, Translation
from chatbot.inbox.models.own import Draft, Mention, Preferences, SavedView
from chatbot.inbox.models.tools import BulkDeed, CannedReply, Macro

__all__ = [
    "BulkDeed",
    "CannedReply",
    "Draft",
    "Macro",
    "Mention",
    "Preferences",
    "SavedView",
    "Suggestion",
    "Translation",
]
