"""What the rooms above may want to know after a commit: they listen, routing does not call up."""

from django.dispatch import Signal

# conversation: Conversation (while it waits: routing suggests somebody else for it, or nobody)
suggestion_changed = Signal()
# conversation_id: int (other messages are read in it than before: it was merged, or taken apart)
transcript_changed = Signal()
