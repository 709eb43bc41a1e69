"""Tells people who are not at the terminal: messages about a run, through the channels of bookings.json.

`messages` makes them of a run's events, `channels` are where they go, `sender` sees to it that they get there
and that nobody waits for them, and `notifier` listens to a run.
"""
