"""What has to be known of an update before it is recorded; light enough for the event loop."""

from pydantic import BaseModel

from chatbot.envelope import Event

# The kinds of updates that `parsing.parse` reads.
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]


class _Query(BaseModel):
    id: str


class UpdateHead(BaseModel):
    """The number of an update and, where a button was pressed, what is to be answered."""

    update_id: int
    callback_query: _Query | None = None

    def event(self, payload: bytes) -> Event:
        """Return the update as an event; updates are numbered in the order in which they came."""
        return Event(str(self.update_id), payload, order=self.update_id)
