"""Calendars: when a person is busy, and what is planned and booked for other programs to show."""

OUR_UIDS = "@sniper.invalid"
"""How the UIDs of events end that we have written."""
