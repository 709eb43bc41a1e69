"""The practice site: a real booking site on loopback, with a clock of its own, to rehearse on.

`docs/practice-site.md` is its contract. Everything it shows is marked REHEARSAL.
"""
