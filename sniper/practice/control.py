"""The control endpoints below `/practice`: for who rehearses, not for the app. Loopback only, no token."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from starlette.exceptions import HTTPException
from starlette.responses import Response

from sniper.practice.clock import ClockError
from sniper.practice.faults.spec import check_accounts, parse
from sniper.practice.models import SlotOwners, wire_time
from sniper.practice.settings import Mode, is_loopback
from sniper.practice.site import Site, json_answer, site_of

_LONGEST_LEAD = timedelta(days=7)


def _only_loopback(request: Request) -> None:
    # It turns the clock and tells every password. The host of the site is loopback already; this holds for
    # those who run the application behind something else.
    if request.client is None or not is_loopback(request.client.host):
        raise HTTPException(403, "Only from this machine.")


router = APIRouter(prefix="/practice", dependencies=[Depends(_only_loopback)])


class _Jump(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    to: AwareDatetime | None = None
    before_next_opening: float | None = Field(
        default=None, ge=0, le=_LONGEST_LEAD.total_seconds(), allow_inf_nan=False
    )
    exactly: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> "_Jump":
        if (self.to is None) == (self.before_next_opening is None):
            raise ValueError("give either to or before_next_opening")
        if self.exactly and self.to is None:
            raise ValueError("exactly goes with to")
        if self.to is not None and not 1971 <= self.to.year <= 9000:
            raise ValueError("the year must lie between 1971 and 9000")
        return self


class _Mode(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode


@router.get("/info")
async def info(request: Request) -> Response:
    """What is being rehearsed on."""
    site = site_of(request)
    settings = site.settings
    return json_answer(
        {
            "practice": True,
            "name": settings.name,
            "mode": site.mode,
            "timezone": site.venue.catalogue.timezone.key,
            "now": wire_time(site.clock.now()),
            "ahead_seconds": _seconds(site.clock.ahead),
            "next_opening": wire_time(site.venue.next_opening()),
            "rivals": settings.rivals,
            "rival_delay_ms": round(settings.rival_delay / timedelta(milliseconds=1)),
            "strict": not settings.racy,
            "faults": _faults(site),
            "accounts": [
                {"username": person.username, "password": person.password, "totp_secret": person.totp_secret}
                for person in site.accounts.people
            ],
        }
    )


@router.post("/clock/jump")
async def jump(request: Request, body: _Jump) -> Response:
    """Turn the clock forward. The rivals whose moment it passes have acted when the answer comes."""
    site = site_of(request)
    try:
        jumped = _jump(site, body)
    except ClockError as error:
        raise HTTPException(400, str(error)) from error
    await run_in_threadpool(site.rivals.work_due)
    return json_answer(
        {
            "now": wire_time(site.clock.now()),
            "jumped_seconds": _seconds(jumped),
            "ahead_seconds": _seconds(site.clock.ahead),
            "next_opening": wire_time(site.venue.next_opening()),
        }
    )


def _seconds(duration: timedelta) -> float:
    return duration / timedelta(seconds=1)


def _jump(site: Site, body: _Jump) -> timedelta:
    if body.to is not None:
        return site.clock.jump_to(body.to, exactly=body.exactly)
    return site.venue.jump_before_next_opening(timedelta(seconds=body.before_next_opening or 0.0))


@router.post("/mode")
async def mode(request: Request, body: _Mode) -> Response:
    """Show the pages that are loaded from now on in this mode."""
    site = site_of(request)
    site.mode = body.mode
    return json_answer({"mode": site.mode})


class _Faults(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    faults: tuple[str, ...] = Field(max_length=100)


@router.post("/faults")
async def set_faults(request: Request, body: _Faults) -> Response:
    """Have these faults from now on instead of those that were on; none at all clears them."""
    site = site_of(request)
    try:
        chosen = [parse(text) for text in body.faults]
        check_accounts(chosen, (person.username for person in site.accounts.people))
    except ValueError as error:
        raise HTTPException(400, str(error)) from error
    site.faults.set(chosen)
    # A late opening may bring the rivals' moment nearer, or put it off.
    site.clock.wake()
    return json_answer({"faults": _faults(site)})


def _faults(site: Site) -> list[dict[str, Any]]:
    return [{"fault": str(one.fault), "struck": one.hits} for one in site.faults.all]


@router.get("/slots")
async def slots(request: Request, date: date | None = None) -> Response:
    """Every slot of a local date (default: today) with the usernames of those who have it or wait for it."""
    site = site_of(request)
    now = site.clock.now()
    day = date or site.venue.catalogue.local(now).date()
    if not 1971 <= day.year <= 9000:
        raise HTTPException(400, "date is out of range.")
    found = [_slot(site, owners, now) for owners in site.venue.owners_on(day)]
    return json_answer({"date": day.isoformat(), "now": wire_time(now), "slots": found})


@router.get("/requests")
async def requests(
    request: Request,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 10_000,
) -> Response:
    """Booking requests in the order in which they were answered, with their arrival on the venue's clock."""
    found = await run_in_threadpool(site_of(request).arrivals.after, after, limit=limit)
    return json_answer(
        {
            "requests": [
                {
                    "id": number,
                    "arrived_at": wire_time(arrival.arrived_at, timespec="microseconds"),
                    "account": arrival.account,
                    "slot": arrival.slot,
                    "startDate": arrival.start and wire_time(arrival.start),
                    "outcome": arrival.outcome,
                    "status": arrival.status,
                }
                for number, arrival in found
            ]
        }
    )


@router.get("/lookups")
async def lookups(request: Request, agent: str = "") -> Response:
    """How often the list of slots was asked for, by whom names itself like this, and how far apart."""
    found = [one for one in site_of(request).lookups.all if one.agent.startswith(agent)]
    apart = [later.machine_time - earlier.machine_time for earlier, later in pairwise(found)]
    return json_answer(
        {
            "asked": len(found),
            "conditional": sum(one.is_conditional for one in found),
            "not_modified": sum(one.status == 304 for one in found),
            "refused": sum(one.status not in (200, 304) for one in found),
            "least_apart_ms": min(apart) / timedelta(milliseconds=1) if apart else None,
        }
    )


def _slot(site: Site, owners: SlotOwners, now: datetime) -> dict[str, Any]:
    slot = owners.slot
    return {
        "location": slot.location.name,
        "slot": slot.label,
        "product_id": slot.location.product_id,
        "linked_product_id": slot.court.id if slot.court else None,
        "startDate": wire_time(slot.start),
        "opening": wire_time(slot.opening),
        "is_open": site.venue.is_open(slot, now),
        "spots": slot.location.capacity,
        "owners": owners.owners,
        "waiting": owners.waiting,
        "doubled": owners.is_doubled,
    }
