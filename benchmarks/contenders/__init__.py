"""The ways to book that are measured side by side."""

from benchmarks.contenders.armed_pages import Sniper
from benchmarks.contenders.contender import Contender
from benchmarks.contenders.raw_http import RawHttp
from benchmarks.contenders.recorded import Recorded
from benchmarks.contenders.script import PlaywrightScript

CONTENDERS: dict[str, type[Contender]] = {
    "httpx": RawHttp,
    "playwright": PlaywrightScript,
    "sniper": Sniper,
    "recorded": Recorded,
}

__all__ = ["CONTENDERS", "Contender"]
