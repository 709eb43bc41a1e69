"""The bare requests, by httpx: what any browser has to be measured against."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import httpx

from benchmarks.contenders.contender import Booked, Contender
from sniper.core.slots import Slot
from sniper.practice.catalogue import CATALOGUE
from sniper.practice.models import wire_time

_SPIN = timedelta(milliseconds=2)


class RawHttp(Contender):
    """A client an account, its connection warm. Strict, it asks for the list first, as the page must."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._targets: dict[str, Slot] = {}

    async def __aenter__(self) -> Self:
        for person in self.people:
            self._clients[person.username] = httpx.AsyncClient(
                base_url=self.url, headers=person.headers, trust_env=False, timeout=30
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(client.aclose() for client in self._clients.values()))

    async def park(self, targets: dict[str, Slot]) -> None:
        """Only to remember."""
        self._targets = targets

    async def fire(self, opening: datetime) -> Booked:
        """All at once, on connections that have just been used."""
        await self.clock.sleep_until(opening - self.ahead / 2)
        await asyncio.gather(*(self._clients[account].get("/api/config") for account in self._targets))
        requests = {account: self._request(slot) for account, slot in self._targets.items()}
        await self.clock.sleep_until(opening - _SPIN)
        while self.clock.now() < opening:
            pass
        answers = await asyncio.gather(
            *(self._book(account, *requests[account]) for account in self._targets)
        )
        return {account: at for account, at in answers if at is not None}

    async def _book(
        self, account: str, search: dict[str, str], body: dict[str, Any]
    ) -> tuple[str, datetime | None]:
        client = self._clients[account]
        if self.mode == "strict":
            listed = (await client.get("/api/bookable-slots", params=search)).json()["data"]
            wanted = body["params"]
            if not any(
                one["isOpen"]
                and (one["linkedProductId"], one["startDate"])
                == (wanted["bookableLinkedProductId"], wanted["startDate"])
                for one in listed
            ):
                return account, None
        answer = await client.post("/api/participations", json=body)
        return account, self.clock.now() if answer.status_code == httpx.codes.CREATED else None

    def _request(self, slot: Slot) -> tuple[dict[str, str], dict[str, Any]]:
        """The questions of the page: its list with the same filter, its booking with the same body."""
        found = next(
            one
            for one in CATALOGUE.slots_on(slot.day)
            if (one.label, one.start) == (slot.sub_location, slot.instant)
        )
        day = datetime.combine(slot.day, datetime.min.time(), CATALOGUE.timezone)
        search = {
            "startDate": wire_time(day),
            "endDate": wire_time(day + timedelta(days=1, seconds=-1)),
            "tagIds": {"$in": [found.location.tag_id]},
        }
        body = {
            "memberId": None,
            "bookingId": found.booking_id,
            "params": {
                "startDate": wire_time(found.start),
                "endDate": wire_time(found.end - timedelta(seconds=1)),
                "bookableProductId": found.location.product_id,
                "bookableLinkedProductId": found.court.id if found.court else None,
                "bookingId": found.booking_id,
                "clickedOnBook": True,
            },
        }
        return {"s": json.dumps(search), "page": "1", "limit": "200"}, body
