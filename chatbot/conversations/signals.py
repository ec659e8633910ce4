"""What the rooms above may want to know after a commit: they listen, the core does not call up."""

from django.dispatch import Signal

# conversation: Conversation, message: Message, origin: channel name of the socket it came from
message_recorded = Signal()
# message: Message, delivery: Delivery (of it: sent, received, given up or to be sent again)
delivery_settled = Signal()
# message: Message (edited or taken back by its customer, or one of its files has come)
message_changed = Signal()
# conversation: Conversation (status, assignee or place in the queue changed)
conversation_changed = Signal()
# conversation: Conversation, user_id: whose it is, why: "time" or "wrote"; it was snoozed until now
conversation_woke = Signal()
# conversation: Conversation, text: what the bot has written of its answer so far
draft_grew = Signal()
# conversation: Conversation, rating: Rating (given, changed, or with a word more)
rating_given = Signal()
# conversation: Conversation, recommendation: Recommendation (given or changed)
recommendation_given = Signal()
