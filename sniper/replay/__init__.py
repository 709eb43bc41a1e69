"""A saved case played again by the same engine, without the network: does the same come of it?

A *fixture* is a folder with a `case.yaml` (`case.py`), found by `library.py`. `answering.py` stands at the
other end of the page, `playing.py` parks and fires, `comparing.py` says what is not as expected.
"""
