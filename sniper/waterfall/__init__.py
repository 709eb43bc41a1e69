"""How a run went, wave by wave: what the terminal and the page show of its record."""

from sniper.waterfall.axis import Axis
from sniper.waterfall.page import PAGE_WIDTH, Figure, Shown, page_of
from sniper.waterfall.waves import WaveView, waves_of

__all__ = ["PAGE_WIDTH", "Axis", "Figure", "Shown", "WaveView", "page_of", "waves_of"]
