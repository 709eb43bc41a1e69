"""The log: what went on and what should not have happened, a line each, for who looks for a cause afterwards.

`logger` is for whoever has something to write; `about` and `from_now_on_about` say of which run or account
work is; `kept` is for the command line: within it all of it goes to one place, what libraries write included.
"""

from sniper.logs.setup import LogFormat, about, from_now_on_about, kept, log_file, logger

__all__ = ["LogFormat", "about", "from_now_on_about", "kept", "log_file", "logger"]
