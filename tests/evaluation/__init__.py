"""The demo shop's questions, for measuring, and attempts to misuse the bot."""
