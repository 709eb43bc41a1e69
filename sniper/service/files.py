"""The files that are served: what they say, whether they have changed, and runs made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from sniper.calendars.sources import busy_calendar
from sniper.config.accounts import Account
from sniper.config.bookings import Bookings
from sniper.config.snipe_config import SnipeConfig
from sniper.crew import with_stored
from sniper.documents import Document
from sniper.errors import InputError
from sniper.execution import Prepared
from sniper.run_request import RunRequest
from sniper.scheduling import FromFile, read_file
from sniper.service.days import Day
from sniper.sites.library import files_of, load_profile, referred
from sniper.sites.profile import Profile
from sniper.store.planned import COMMAND, Schedule
from sniper.store.repository import Store
from sniper.watch.session import PreparedWatch, WatchRequest, watch_for


@dataclass(frozen=True, slots=True)
class _Stamp:
    """How a file looked: `time` and `size` are cheap to compare, `content` is sure."""

    time: int
    size: int
    content: bytes


@dataclass(slots=True)
class _Served:
    file: FromFile
    stamps: dict[Path, _Stamp | None]


class Files:
    """What each file said when it was last read and found right."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Read them all.

        Raises:
            InputError: One is wrong.
        """
        self._served = {path.resolve(): _read(path) for path in dict.fromkeys(paths)}
        # A file that is being written is read when it has come to rest.
        self._unsettled: dict[Path, dict[Path, _Stamp | None]] = {}
        self._profiles: dict[str, Profile] = {}

    def __iter__(self) -> Iterator[FromFile]:
        return (served.file for served in self._served.values())

    @property
    def paths(self) -> tuple[str, ...]:
        """Where they are."""
        return tuple(str(path) for path in self._served)

    def changed(self) -> list[Path]:
        """Those that have changed, or a profile they go by, and that look the same as at the last call."""
        found = []
        for path, served in self._served.items():
            stamps = {one: _stamp(one, before) for one, before in served.stamps.items()}
            if _same(stamps, served.stamps):
                self._unsettled.pop(path, None)
            elif self._unsettled.get(path) == stamps:
                found.append(path)
            else:
                self._unsettled[path] = stamps
        return found

    def read_again(self, path: Path) -> FromFile:
        """Read one of them again.

        Raises:
            InputError: It is wrong. What it said before stays, and it counts as unchanged until it changes.
        """
        served = self._served[path]
        self._unsettled.pop(path, None)
        served.stamps = {one: _stamp(one, None) for one in served.stamps}
        self._served[path] = _read(served.file.document.path)
        return self._served[path].file

    def are_served(self, origin: str) -> bool:
        """Does a schedule belong here? Those that commands have made do."""
        return origin == COMMAND or origin in self.paths

    def prepared(self, day: Day) -> Prepared:
        """The run for a day, by what its schedule wants and with the accounts of its file.

        It blocks: a calendar may have to be fetched.

        Raises:
            InputError: There are no accounts for it, or its profile or the calendar is wrong.
            EnvironmentProblem: The calendar, which is required, or what is stored of accounts cannot be read.
        """
        profile = self.profile_of(day.schedule)
        file = self._file_for(day)
        config = SnipeConfig.model_validate({**day.schedule.goal, "target_date": None})
        if file is not None and _has_all(file, day):
            document = file.document
            bookings, told = with_stored(file.bookings, document, profile)
            names = day.schedule.accounts or [account.netid for account in bookings.accounts]
            crew = tuple(account for account in bookings.accounts if account.netid in names)
            bookings = bookings.model_copy(update={"accounts": crew, "schedules": ()})
        else:
            document = Document(Path(f"schedule {day.record.schedule!r}"), {})
            bookings, told = with_stored(_of_stored(day, config), document, profile)
        bookings = bookings.model_copy(update={"snipe_config": config})
        calendar = busy_calendar(bookings, document)
        path = file.document.path if file else Path("bookings.json")
        request = RunRequest(path, day=day.record.day)
        return Prepared(request, bookings, document, profile, (*told, *calendar.told), calendar=calendar)

    def watching(self, day: Day) -> FromFile | None:
        """The file by which a day is watched for what comes back; None where it is not."""
        file = self._file_for(day)
        wants = file is not None and "watch" in file.bookings.model_fields_set and _has_all(file, day)
        return file if wants else None

    def watch_of(self, day: Day) -> PreparedWatch:
        """The watch for a day, for what its run would book.

        It blocks, as `prepared` does.

        Raises:
            InputError: As for a run; or its profile does not say how a free slot is seen.
            EnvironmentProblem: As for a run.
        """
        run = self.prepared(day)
        return watch_for(run, WatchRequest(run.request.bookings))

    def profile_of(self, schedule: Schedule) -> Profile:
        """The profile of a schedule's site.

        Raises:
            InputError: It is not there any more, or wrong.
        """
        for file in self:
            if file.origin == schedule.origin:
                return file.profile
        known = self._profiles.get(schedule.profile)
        if known is None:
            known = self._profiles[schedule.profile] = load_profile(referred(schedule.profile))
        return known

    def forget_profiles(self) -> None:
        """Read those that no file names anew, when they are next asked for."""
        self._profiles.clear()

    def _file_for(self, day: Day) -> FromFile | None:
        origin, site = day.schedule.origin, day.schedule.site
        found = (
            one for one in self if one.origin == origin or (origin == COMMAND and one.profile.name == site)
        )
        return next(found, None)


def _has_all(file: FromFile, day: Day) -> bool:
    """Does the file name everybody whom the schedule wants? One of its own always does."""
    known = {account.netid for account in file.bookings.accounts}
    return known >= set(day.schedule.accounts)


def _of_stored(day: Day, config: SnipeConfig) -> Bookings:
    """What a command wants, with the accounts that are stored.

    Raises:
        InputError: There are none.
    """
    site = day.schedule.site
    names = day.schedule.accounts
    if not names:
        with Store.open() as store:
            able = [one for one in store.accounts(site) if one.active and (one.secrets or one.sign_in)]
        names = tuple(one.account for one in able)
    if not names:
        raise InputError(
            f"there is no account for {site}: no file that is served has one, and none is stored",
            mend=f"`sniper accounts add NAME --site {site}` stores one.",
        )
    return Bookings(site=site, accounts=tuple(Account(netid=name) for name in names), snipe_config=config)


def _read(path: Path) -> _Served:
    # Before it is read: what is written meanwhile is then a change.
    stamp = _stamp(path, None)
    file = read_file(path)
    profiles = {one: _stamp(one, None) for one in files_of(file.profile_path)}
    return _Served(file, {path: stamp, **profiles})


def _stamp(path: Path, before: _Stamp | None) -> _Stamp | None:
    """How it looks now; None where it is not there. Where time and size are as before it is not read."""
    try:
        found = path.stat()
        if before is not None and (found.st_mtime_ns, found.st_size) == (before.time, before.size):
            return before
        content = blake2b(path.read_bytes(), digest_size=16).digest()
    except OSError:
        return None
    return _Stamp(found.st_mtime_ns, found.st_size, content)


def _same(now: dict[Path, _Stamp | None], before: dict[Path, _Stamp | None]) -> bool:
    """Do they say the same? One that was only touched does."""
    return [one and one.content for one in now.values()] == [one and one.content for one in before.values()]
