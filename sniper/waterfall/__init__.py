"""How a run went, wave by wave: what the terminal and the page show of its record."""

from sniper.waterfall.axis import Axis
from sniper.waterfall.page import page_of
from sniper.waterfall.waves import WaveView, waves_of

__all__ = ["Axis", "WaveView", "page_of", "waves_of"]
