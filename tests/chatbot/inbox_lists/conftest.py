"""The inbox in a browser, as the other rooms' tests open it."""

from tests.chatbot.inbox_channels.conftest import open_page

__all__ = ["open_page"]
