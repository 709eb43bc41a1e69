"""What a check is, and how checks are carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from sniper.core.findings import Finding, Judgement, Subject
from sniper.errors import SniperError
from sniper.logs import logger

LOG = logger("run")


class Check(Protocol):
    """Looks at one thing. To add one: write a class with these, and name it where checks are put together."""

    @property
    def subject(self) -> Subject:
        """What it is about."""
        ...

    @property
    def name(self) -> str:
        """Of what is looked at, for the table and for progress."""
        ...

    async def look(self) -> Sequence[Finding]:
        """Look at it, and change nothing.

        Raises:
            SniperError: It is not well; what the error tells is the finding.
        """
        ...


async def examine(checks: Iterable[Check], begin: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """Carry out every check, in order. One that fails is a finding, and the others go on.

    Args:
        checks: What to look at.
        begin: Called with what is looked at next.
    """
    findings: list[Finding] = []
    for check in checks:
        begin(f"{check.subject.value}: {check.name}")
        try:
            findings += await check.look()
        except SniperError as error:
            findings.append(Finding(check.subject, check.name, Judgement.NO, str(error), error.mend))
        except Exception as error:
            # A look that fails by a defect of ours says nothing of what was looked at.
            LOG.exception("a check failed unexpectedly", check=check.name)
            said = f"looking at it failed unexpectedly ({type(error).__name__}: {error})"
            findings.append(Finding(check.subject, check.name, Judgement.NOT_JUDGED, said))
    return findings
