"""What a run needs around it: a browser, the practice site's front end, a healthy machine.

`frontend`, `node` and `process` use the standard library only: the build of a wheel runs them, without any
dependency of sniper's.
"""
