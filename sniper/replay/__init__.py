"""A saved case played again by the same engine, without the network: does a profile still come to what it came to?

A *fixture* is a folder with a `case.yaml` (`case.py`), found by `library.py`. `answering.py` stands at the other end
of the page, `playing.py` parks and fires, `comparing.py` says what is not as expected. docs/fixtures.md has it all.
"""
