"""Exit codes that are not an error's own (those stand in `sniper.errors`)."""

INTERRUPTED = 130
"""The person, or the system, ended it: 128 + SIGINT, as shells have it."""
