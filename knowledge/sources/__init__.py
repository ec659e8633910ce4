"""Documents and web pages as knowledge: fetch, read, chunk, quote. No models, no settings."""
