"""The part of a profile that says how to tell that an account is signed in, and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from sniper.documents import KeyPath, StrictModel, misplaced
from sniper.sites import answers
from sniper.sites.answers import ResponseRule
from sniper.sites.steps import Duration, GotoStep, Select, SitePath, Step, lasting

if TYPE_CHECKING:
    from sniper.sites.profile import Profile


class Expires(StrictModel):
    """Where the browser keeps when the sign-in ends: a cookie's own end, or a JSON value in local storage."""

    cookie: str | None = Field(None, min_length=1)
    """The cookie without which one is signed out."""
    local_storage: str | None = Field(None, min_length=1)
    """The key of a JSON value."""
    at: answers.Path | None = None
    """Where the end stands in it: ISO 8601 with an offset, or a number of seconds, milliseconds or
    microseconds since 1970."""
    since: answers.Path | None = None
    """Or where it stands when the sign-in began, in the same way;"""
    seconds: answers.Path | None = None
    """and how many seconds it lasts."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.cookie is None) == (self.local_storage is None):
            raise ValueError("name either a cookie or a key of local_storage")
        if self.cookie is not None:
            for key in ("at", "since", "seconds"):
                if getattr(self, key) is not None:
                    raise misplaced((key,), "is only for local_storage; a cookie has an end of its own")
        elif (self.at is None) == (self.since is None) or (self.since is None) != (self.seconds is None):
            raise ValueError("say where it stands: `at`, or both `since` and `seconds`")
        return self


class SignedIn(StrictModel):
    """How to tell that an account is signed in: the page shows `seen` and not `unless`."""

    page: SitePath
    seen: Select
    unless: Select
    response: ResponseRule | None = None
    """What the page itself asks for, and how it is answered to those who are signed in. Without it, a page
    that goes by what the browser remembers looks the same when the site has ended the session."""
    check_every: Annotated[Duration, AfterValidator(lasting)] = timedelta(minutes=10)
    """How often this is looked at while a run waits: it also keeps sessions alive that end when unused."""
    expires: Expires | None = None
    """Where it can be read when the sign-in ends; it is not known without."""
    rests: bool = False
    """While an account waits its page is empty, so that it asks the site for nothing and takes no processor's
    time. Not for sites where it is the page itself that keeps the session alive."""


def check_signing_in(profile: Profile) -> None:
    """Where accounts sign in, how that is told belongs to it; where nobody does, there is nothing to tell.

    Raises:
        PydanticCustomError: One is there without the other.
    """
    for key in ("sign_in_refused", "signed_in"):
        told = getattr(profile, key) is not None
        if profile.sign_in and not told:
            raise misplaced((key,), "is missing; where nobody signs in, write sign_in: []")
        if told and not profile.sign_in:
            raise misplaced((key,), "is for sites where one signs in; sign_in has no steps")


def check_found_from_nowhere(profile: Profile) -> None:
    """What is done with an empty page, where accounts rest, has to begin by going somewhere.

    Raises:
        PydanticCustomError: It counts on a page that is not there.
    """
    if not (profile.signed_in and profile.signed_in.rests):
        return
    begin_anywhere: dict[KeyPath, tuple[Step, ...]] = {("arm",): profile.arm}
    for key in ("my_bookings", "slot_owners", "cancel"):
        if part := getattr(profile, key):
            begin_anywhere[key, "steps"] = part.steps
    for path, steps in begin_anywhere.items():
        if not (steps and isinstance(steps[0], GotoStep)):
            raise misplaced(
                path, "has to begin with goto: where signed_in.rests, the page is empty until then"
            )
