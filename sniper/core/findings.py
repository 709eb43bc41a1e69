"""What a look before the opening found, and whether it is go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Judgement(StrEnum):
    """How one thing is. With a warning the run may still win; with a no, something has to be mended."""

    GO = "go"
    NOT_JUDGED = "not judged"
    """Nothing could be seen of it yet: it is neither well nor wrong."""
    WARNING = "warning"
    NO = "no"


class Subject(StrEnum):
    """What a finding is about."""

    MACHINE = "this machine"
    SITE = "the site"
    PROFILE = "the profile"
    ACCOUNTS = "the accounts"
    PLAN = "the plan"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing.

    Attributes:
        name: Of the thing; with `subject` it tells one finding from all others.
        mend: What a person can do about it, where something is to be done.
    """

    subject: Subject
    name: str
    judgement: Judgement
    what: str
    mend: str | None = None

    @property
    def key(self) -> tuple[Subject, str]:
        """What it is about: the same at the next look."""
        return self.subject, self.name

    def __str__(self) -> str:
        mend = f". {self.mend}" if self.mend else ""
        return f"{self.name}: {self.what}{mend}"


def is_go(findings: Iterable[Finding]) -> bool:
    """Is there nothing that has to be mended?"""
    return all(finding.judgement is not Judgement.NO for finding in findings)


def noes(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What has to be mended."""
    return tuple(finding for finding in findings if finding.judgement is Judgement.NO)
