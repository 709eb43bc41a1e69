"""The face of TU Delft X (Delcom): the JSON API below `/api`."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from sniper.practice.accounts import SignInError
from sniper.practice.catalogue import Slot
from sniper.practice.models import (
    Account,
    Participation,
    RefusedError,
    SlotState,
    Status,
    parse_wire_time,
    wire_time,
)
from sniper.practice.site import Site, json_answer, site_of, tagged_answer
from sniper.practice.venue import unknown_slot

_LONGEST_LIST = timedelta(days=31)
_ONE_SECOND = timedelta(seconds=1)
_PAGE = 100
_LONGEST_PAGE = 500

router = APIRouter(prefix="/api")

_Page = Annotated[int, Query(ge=1, le=100_000)]
_Limit = Annotated[int, Query(ge=1, le=_LONGEST_PAGE)]
_Authorization = Annotated[str | None, Header()]


class _Body(BaseModel):
    # The real site ignores what it does not know, and its app sends more than is used here.
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, frozen=True)


class _Code(_Body):
    code: str


class _Params(_Body):
    start_date: AwareDatetime
    bookable_product_id: int
    bookable_linked_product_id: int | None = None
    booking_id: int | None = None


class _Participate(_Body):
    member_id: int | None = None
    params: _Params


@router.api_route("/config", methods=["GET", "HEAD"])
async def config(request: Request) -> Response:
    """What the app must know before anybody has signed in."""
    site = site_of(request)
    settings = site.settings
    return json_answer(
        {
            "name": settings.name,
            "timezone": site.venue.catalogue.timezone.key,
            "rehearsal": True,
            "now": wire_time(site.clock.now()),
            "ui": {"mode": site.mode, "cards": settings.cards, "picker": settings.picker.model_dump()},
            "session_delay_ms": round(settings.session_delay / timedelta(milliseconds=1)),
            "demo_accounts": [
                {"username": person.username, "password": person.password} for person in site.accounts.people
            ],
        }
    )


@router.post("/auth/token")
async def token(request: Request, body: _Code) -> Response:
    """Swap the one-time code of the callback for a token."""
    settings = site_of(request).settings
    try:
        session = site_of(request).accounts.redeem(body.code)
    except SignInError as error:
        raise HTTPException(401, str(error)) from error
    account = session.account
    return json_answer(
        {
            "member": {
                "id": account.id,
                "firstName": account.first_name,
                "lastName": account.last_name,
                "email": account.email,
            },
            "tokenResponse": {
                "accessToken": session.access_token,
                "tokenType": "Bearer",
                "expiresIn": round(settings.session_lifetime.total_seconds()),
                # There to complete the shape; the venue takes neither.
                "idToken": f"practice-id-{account.id}",
                "refreshToken": f"practice-refresh-{account.id}",
                "issuedAt": int(session.issued_at.timestamp()),
            },
        }
    )


@router.get("/tags")
async def tags(request: Request) -> Response:
    """The filters of the schedule."""
    found = site_of(request).venue.catalogue.tags
    return json_answer({"data": [{"id": tag.id, "name": tag.name, "group": tag.group} for tag in found]})


@router.get("/products/{product_id}")
async def product(request: Request, product_id: int) -> Response:
    """A product or linked product, with its window in minutes."""
    for location in site_of(request).venue.catalogue.locations:
        names = {location.product_id: location.name} | {
            court.id: court.description for court in location.courts
        }
        if product_id in names:
            return json_answer(
                {
                    "id": product_id,
                    "description": names[product_id],
                    "bookableSlotsMinutesAhead": round(location.window / timedelta(minutes=1)),
                    "tagIds": [location.tag_id],
                }
            )
    raise HTTPException(404, "This product does not exist.")


@router.get("/bookable-slots")
async def bookable_slots(request: Request, s: str = "{}", page: _Page = 1, limit: _Limit = _PAGE) -> Response:
    """Slots that have not started, by start; without dates those of today."""
    venue = site_of(request).venue
    search = _search(s)
    now = venue.clock.now()
    today = venue.catalogue.local(now).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    first = _instant(search, "startDate", today)
    last = _instant(search, "endDate", max(first, today) + timedelta(hours=24) - _ONE_SECOND)
    if last - first > _LONGEST_LIST:
        raise HTTPException(400, f"At most {_LONGEST_LIST.days} days at once.")
    tag_ids = _ids(search, "tagIds")
    product_ids = _ids(search, "productIds")
    slots = [
        slot
        for slot in venue.catalogue.slots_between(first, last)
        if slot.start > now
        and (tag_ids is None or slot.location.tag_id in tag_ids)
        and (product_ids is None or slot.location.product_id in product_ids or slot.resource in product_ids)
    ]
    shown = slots[(page - 1) * limit : page * limit]
    data = [_slot_on_the_wire(state) for state in venue.states(shown)]
    redraws = site_of(request).faults.redraws_every()
    more = {"redrawEveryMs": redraws / timedelta(milliseconds=1)} if redraws else {}
    answer = _page_of(data, page=page, limit=limit, total=len(slots))
    return tagged_answer(answer | more, request.headers.get("If-None-Match"))


@router.get("/participations")
async def participations(
    request: Request, authorization: _Authorization = None, page: _Page = 1, limit: _Limit = _PAGE
) -> Response:
    """The account's own participations that are not cancelled, by start, whatever `s` asks for."""
    site = site_of(request)
    own = site.venue.participations(_signed_in(site, authorization))
    data = [_participation_on_the_wire(participation) for participation in own]
    return json_answer(
        _page_of(data[(page - 1) * limit : page * limit], page=page, limit=limit, total=len(data))
    )


@router.post("/participations")
async def participate(request: Request, authorization: _Authorization = None) -> Response:
    """Book a slot. Every request is kept with its arrival, whatever becomes of it."""
    site = site_of(request)
    arrived_at: datetime = request.scope["practice.arrived_at"]
    account: Account | None = None
    slot: Slot | None = None
    # Until something better is known: what a request is that cannot be read.
    outcome, status = "invalid", 400
    try:
        try:
            account = _signed_in(site, authorization)
        except HTTPException as error:
            outcome, status = "unauthorized", error.status_code
            raise
        try:
            body = _Participate.model_validate_json(await request.body())
        except ValidationError as error:
            raise HTTPException(400, _first_error(error)) from error
        if body.member_id is not None and body.member_id != account.id:
            status = 403
            raise HTTPException(403, "You can only book for yourself.")
        try:
            slot = _slot_asked_for(site, body.params)
            if site.venue.racy:
                # Off the event loop: the pause of a racy venue must let other requests in.
                participation = await run_in_threadpool(site.venue.book, account, slot)
            else:
                # On it: a hop to another thread costs as much as the booking itself.
                participation = site.venue.book(account, slot)
        except RefusedError as refused:
            outcome, status = refused.reason.word, refused.reason.status
            raise
        outcome = "booked" if participation.status is Status.BOOKED else "waiting"
        status = 201
        return json_answer({"id": participation.id, "status": participation.status.value}, status=201)
    finally:
        site.arrivals.keep(
            arrived_at, account.username if account else None, slot, outcome=outcome, status=status
        )


@router.delete("/participations/{participation_id}")
async def cancel(request: Request, participation_id: int, authorization: _Authorization = None) -> Response:
    """Cancel one's own participation."""
    site = site_of(request)
    site.venue.cancel(_signed_in(site, authorization), participation_id)
    return json_answer({"id": participation_id})


def _signed_in(site: Site, authorization: str | None) -> Account:
    scheme, _, bearer = (authorization or "").partition(" ")
    account = site.accounts.who(bearer.strip()) if scheme.lower() == "bearer" else None
    if account is None:
        raise HTTPException(401, "Unauthorized")
    return account


def _slot_asked_for(site: Site, params: _Params) -> Slot:
    slot = site.venue.slot(params.bookable_product_id, params.bookable_linked_product_id, params.start_date)
    if params.booking_id is not None and params.booking_id != slot.booking_id:
        raise unknown_slot()
    return slot


def _search(s: str) -> Mapping[str, Any]:
    try:
        search = json.loads(s)
    except ValueError as error:
        raise HTTPException(400, "s is not JSON.") from error
    if not isinstance(search, dict):
        raise HTTPException(400, "s is not a JSON object.")
    return search


def _instant(search: Mapping[str, Any], key: str, default: datetime) -> datetime:
    value = search.get(key)
    if value is None:
        return default
    try:
        instant = parse_wire_time(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise HTTPException(400, f"{key} is not a time with an offset.") from error
    # Outside of this, calculating with days and zones runs out of what a datetime can hold.
    if not 1971 <= instant.year <= 9000:
        raise HTTPException(400, f"{key} is out of range.")
    return instant


def _ids(search: Mapping[str, Any], key: str) -> frozenset[int] | None:
    value = search.get(key)
    if isinstance(value, dict):
        value = value.get("$in")
    if value is None:
        return None
    if isinstance(value, int):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(number, int) for number in value):
        raise HTTPException(400, f"{key} is not a list of numbers.")
    return frozenset(value)


def _first_error(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'body'}: {first['msg']}"


def _page_of(data: Sequence[Mapping[str, Any]], *, page: int, limit: int, total: int) -> dict[str, Any]:
    pages = -(-total // limit)
    return {"data": data, "page": page, "count": len(data), "total": total, "pageCount": pages}


@lru_cache(maxsize=4096)
def _fixed_part(slot: Slot) -> dict[str, Any]:
    return {
        "bookingId": slot.booking_id,
        "bookableProductId": slot.location.product_id,
        "linkedProductId": slot.court.id if slot.court else None,
        "startDate": wire_time(slot.start),
        "endDate": wire_time(slot.end - _ONE_SECOND),
        "availableFrom": wire_time(slot.opening),
        "spots": slot.location.capacity,
        "booking": None if slot.booking_id is None else {"id": slot.booking_id},
        **_products(slot),
    }


def _slot_on_the_wire(state: SlotState) -> dict[str, Any]:
    return _fixed_part(state.slot) | {
        "isAvailable": state.spots_left > 0,
        "isOpen": state.is_open,
        "spotsLeft": state.spots_left,
        "spotsTaken": state.spots_taken,
    }


def _participation_on_the_wire(participation: Participation) -> dict[str, Any]:
    slot = participation.slot
    return {
        "id": participation.id,
        "status": participation.status.value,
        "memberId": participation.account_id,
        "dateOfRegistration": wire_time(participation.registered_at),
        "startDate": wire_time(slot.start),
        "endDate": wire_time(slot.end - _ONE_SECOND),
        **_products(slot),
    }


def _products(slot: Slot) -> dict[str, Any]:
    return {
        "product": {"id": slot.location.product_id, "description": slot.location.name},
        "linkedProduct": {"id": slot.court.id, "description": slot.court.description} if slot.court else None,
    }
