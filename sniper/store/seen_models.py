"""The tables of what is seen of slots without booking them; see `sniper.store.models`."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sniper.core.availability import Source, What
from sniper.core.slots import Slot
from sniper.store.models import Base, HasSlot
from sniper.store.types import Chain, words


class ObservationRow(HasSlot, Base):
    """Something that happened to a slot between two looks; see `sniper.core.availability.Observation`."""

    __tablename__ = "observations"
    __table_args__ = (Index(None, "site", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str]
    what: Mapped[What] = mapped_column(words(What, "what"))
    opens_at: Mapped[datetime]  # site
    seen_before: Mapped[datetime | None]  # site
    seen_at: Mapped[datetime]  # site
    source: Mapped[Source] = mapped_column(words(Source, "source"))
    rehearsal: Mapped[bool]


class ReadingRow(Base):
    """When a site's list of a day was last read: of a location, or of all where `location` is empty."""

    __tablename__ = "readings"

    site: Mapped[str] = mapped_column(primary_key=True)
    target_date: Mapped[date] = mapped_column(primary_key=True)
    location: Mapped[str] = mapped_column(primary_key=True)
    read_at: Mapped[datetime]  # local


class AskedSiteRow(Base):
    """How a site's lists were asked for last, by whichever process: what keeps all of them to one pace."""

    __tablename__ = "asked_sites"

    site: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]  # local
    failures: Mapped[int]
    left_alone_until: Mapped[datetime | None]  # local


class WatchRow(Base):
    """What a watch must not forget when it is started again; `key` tells what is watched for whom.

    `told` are the slots that were told and are still to be had, `tried` those that a run was begun for.
    """

    __tablename__ = "watches"
    __table_args__ = (UniqueConstraint("site", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str]
    key: Mapped[str] = mapped_column(String(64))
    target_date: Mapped[date]
    told: Mapped[tuple[Slot, ...]] = mapped_column(Chain)
    tried: Mapped[tuple[Slot, ...]] = mapped_column(Chain)
    updated_at: Mapped[datetime]  # local
