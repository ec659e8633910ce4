"""What the rooms above may want to know after a commit: they listen, the core does not call up."""

from django.dispatch import Signal

# conversation: Conversation, message: Message, origin: channel name of the socket it came from
message_recorded = Signal()
# message: Message (its delivery was sent, or given up)
delivery_settled = Signal()
# conversation: Conversation (status, assignee or place in the queue changed)
conversation_changed = Signal()
# conversation: Conversation, text: what the bot has written of its answer so far
draft_grew = Signal()
