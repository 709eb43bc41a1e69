"""Which selectors of a profile its fixtures meet, and what stands there that is most like one they do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sniper.documents import KeyPath
from sniper.engine.browser.inpage import source
from sniper.engine.browser.selectors import Values, filled, has_values
from sniper.sites.drift import nearest, selectors_in
from sniper.sites.profile import Profile

PLAYED = ("arm", "fire", "reset", "fill_ahead", "rehearse", "outcomes")
"""The parts of a profile that are about the pages that fixtures play."""

WATCH = """(watched) => {
    const { query, observed } = (PIERCING)();
    const left = new Set(watched);
    const told = new Set();
    const namesOf = (one) => [
        one.id && `#${one.id}`,
        one.dataset.testId && `[data-test-id='${one.dataset.testId}']`,
        one.localName.includes("-") && one.localName,
    ];
    const look = () => {
        const found = [];
        for (const one of left) {
            if (!query(document, one[1]).length) continue;
            left.delete(one);
            found.push(one[0]);
        }
        const names = query(document, "*").flatMap(namesOf);
        const anew = names.filter((name) => name && !told.has(name));
        for (const name of anew) told.add(name);
        if (found.length || anew.length) window.replayMet(found, [...new Set(anew)]);
    };
    const observer = new MutationObserver(look);
    observed((root) => observer.observe(root, { subtree: true, childList: true, attributes: true }));
}""".replace("PIERCING", source("piercing"))
"""Tells what is met in a document as soon as it is there. Its argument: [name, selector] of each."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A selector as it stands in the profile, and where."""

    at: KeyPath
    css: str


@dataclass
class Meetings:
    """What the fixtures of a profile have met of its selectors.

    Attributes:
        names: Ids, test ids and names of elements that stood there.
    """

    profile: Profile
    met: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.watched = tuple(watched(self.profile))

    def wanted(self, slots: Iterable[Values]) -> list[tuple[str, str]]:
        """Each selector that was not met yet, as it stands in the profile, and filled in for these slots."""
        missing = dict.fromkeys(one.css for one in self.missing)
        return [(css, filled(css, values)) for values in slots for css in missing if has_values(css, values)]

    def note(self, met: list[str], names: list[str]) -> None:
        """These selectors were met, and these names seen."""
        self.met.update(met)
        self.names.update(names)

    @property
    def missing(self) -> list[Watched]:
        """What was met nowhere."""
        return [one for one in self.watched if one.css not in self.met]

    def nearest(self, css: str) -> list[str]:
        """What stood there and is most like a name of the selector that did not, of the same kind."""
        return nearest(css, self.names)


def watched(profile: Profile) -> Iterator[Watched]:
    """Every selector of the parts that fixtures play, those inside others too."""
    for name in PLAYED:
        for at, css in selectors_in(getattr(profile, name), (name,)):
            yield Watched(at, css)
