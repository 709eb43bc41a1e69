"""Books slots that open at an exact instant, through the real site UI."""

__version__ = "0.1.0"
