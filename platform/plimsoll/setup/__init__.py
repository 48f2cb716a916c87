"""Setting an installation up: addresses that senders can use, snippets for their tools, and tests of the way."""
