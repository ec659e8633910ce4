"""What the bot can do besides answering, each a small dialogue over a port."""
