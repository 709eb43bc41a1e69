"""`sniper serve`: books every day of every schedule, for as long as it is left running.

What is due stands in the store, and nowhere else. The daemon looks there when an alarm goes off, when
something has changed and now and then in any case, and begins a run for each day that is due. The instant
itself is no business of this package: each run waits for its opening on the site's own clock.
"""
