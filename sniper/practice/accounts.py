"""Who may use the venue: people, their sign-in step by step, and the tokens it ends in.

Tokens and one-time codes end by the venue's clock; TOTP codes are checked against real time.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import pyotp
from sqlalchemy import Connection, insert, select

from sniper.practice.clock import VenueClock
from sniper.practice.database import Database, inserted_id
from sniper.practice.database import accounts as accounts_table
from sniper.practice.database import tokens as tokens_table
from sniper.practice.models import Account
from sniper.practice.settings import DemoAccount

CODE_LIFETIME = timedelta(minutes=1)
SECOND_FACTOR_LIFETIME = timedelta(minutes=5)


_Found = TypeVar("_Found")


class SignInError(Exception):
    """The sign-in cannot go on: a code that is unknown, used up or too old."""


@dataclass(frozen=True)
class Session:
    """What a finished sign-in gives: who it is, and the bearer token with its time of issue (UTC)."""

    account: Account
    access_token: str
    issued_at: datetime


@dataclass(frozen=True)
class _Token:
    account: Account
    issued_at: datetime
    expires_at: datetime


class Accounts:
    """The people of the venue. Safe to use from several threads."""

    def __init__(
        self,
        database: Database,
        clock: VenueClock,
        people: Iterable[DemoAccount],
        session_lifetime: timedelta,
        has_ended: Callable[[str, datetime], bool] = lambda _username, _issued_at: False,
    ) -> None:
        """`has_ended` tells of a sign-in of somebody at an instant whether it has ended before its time."""
        self._database = database
        self._clock = clock
        self._session_lifetime = session_lifetime
        self._has_ended = has_ended
        self._people = {person.username: person for person in people}
        self._lock = threading.Lock()
        # One-time codes live a minute and need not outlive the process; tokens do and stand in the database
        # too.
        self._codes: dict[str, tuple[Account, datetime]] = {}
        self._second_factors: dict[str, tuple[DemoAccount, datetime]] = {}
        self._tokens: dict[str, _Token] = {}
        with database.write() as connection:
            self._members = {
                person.username: ensure_account(
                    connection,
                    username=person.username,
                    first_name=person.first_name,
                    last_name=person.last_name,
                    email=person.email,
                )[0]
                for person in self._people.values()
            }

    @property
    def people(self) -> tuple[DemoAccount, ...]:
        """Everybody who may sign in, with their demo secrets."""
        return tuple(self._people.values())

    def member(self, username: str) -> Account:
        """The venue's record of one who may sign in. Raises KeyError when there is none."""
        return self._members[username]

    def check_password(self, username: str, password: str) -> DemoAccount | None:
        """The person, if the password is theirs."""
        person = self._people.get(username.strip())
        if person is None or not hmac.compare_digest(person.password.encode(), password.encode()):
            return None
        return person

    def begin_second_factor(self, person: DemoAccount) -> str:
        """A secret name for a sign-in that has passed the password and waits for the second factor."""
        pending = secrets.token_urlsafe(24)
        with self._lock:
            self._forget_old(self._second_factors)
            self._second_factors[pending] = (person, self._clock.now() + SECOND_FACTOR_LIFETIME)
        return pending

    def waits_for_second_factor(self, pending: str) -> bool:
        """Whether this sign-in is still waiting."""
        with self._lock:
            self._forget_old(self._second_factors)
            return pending in self._second_factors

    def check_second_factor(self, pending: str, code: str) -> DemoAccount | None:
        """The person, if the code is right. Raises SignInError when the sign-in does not wait any more."""
        with self._lock:
            self._forget_old(self._second_factors)
            found = self._second_factors.get(pending)
        if found is None:
            raise SignInError("This sign-in has timed out.")
        person = found[0]
        # Against real time, not the venue's: authenticator apps go by it, and the venue's clock may be days
        # off. One step of 30 s either way is what universities accept too.
        totp = pyotp.TOTP(person.totp_secret or "")
        if not totp.verify(code.replace(" ", ""), for_time=self._clock.machine_now(), valid_window=1):
            return None
        with self._lock:
            self._second_factors.pop(pending, None)
        return person

    def issue_code(self, person: DemoAccount) -> str:
        """A one-time code that the app swaps for a token."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._forget_old(self._codes)
            self._codes[code] = (self._members[person.username], self._clock.now() + CODE_LIFETIME)
        return code

    def redeem(self, code: str) -> Session:
        """Swap a one-time code for a session. Raises SignInError when it is unknown, used up or too old."""
        with self._lock:
            self._forget_old(self._codes)
            found = self._codes.pop(code, None)
        if found is None:
            raise SignInError("This sign-in code is not valid any more.")
        return self.open_session(found[0])

    def open_session(self, account: Account) -> Session:
        """A session for this account, without a sign-in: for tests and for measuring."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        expires_at = now + self._session_lifetime
        with self._database.write() as connection:
            connection.execute(
                insert(tokens_table),
                {
                    "token_hash": _hash(token),
                    "account_id": account.id,
                    "issued_at": now,
                    "expires_at": expires_at,
                },
            )
        with self._lock:
            self._tokens[_hash(token)] = _Token(account, now, expires_at)
        return Session(account, token, now)

    def who(self, token: str) -> Account | None:
        """The account a bearer token stands for; None when it is unknown or has ended (venue's clock)."""
        key = _hash(token)
        with self._lock:
            found = self._tokens.get(key)
        if found is None:
            found = self._load_token(key)
        if found is None or self._clock.now() >= found.expires_at:
            return None
        if self._has_ended(found.account.username, found.issued_at):
            return None
        return found.account

    def _load_token(self, key: str) -> _Token | None:
        query = (
            select(accounts_table, tokens_table.c.issued_at, tokens_table.c.expires_at)
            .join(tokens_table, tokens_table.c.account_id == accounts_table.c.id)
            .where(tokens_table.c.token_hash == key)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        # One who may not sign in any more (the site was restarted with other accounts) has no session either.
        if row is None or row.username not in self._members:
            return None
        found = _Token(self._members[row.username], row.issued_at, row.expires_at)
        with self._lock:
            self._tokens[key] = found
        return found

    def _forget_old(self, kept: dict[str, tuple[_Found, datetime]]) -> None:
        now = self._clock.now()
        for key in [key for key, (_, expires_at) in kept.items() if now >= expires_at]:
            del kept[key]


def ensure_account(
    connection: Connection, *, username: str, first_name: str, last_name: str, email: str
) -> tuple[Account, bool]:
    """The account with this username, made if there is none; and whether it was made just now."""
    row = connection.execute(
        select(accounts_table).where(accounts_table.c.username == username)
    ).one_or_none()
    if row is not None:
        return Account(row.id, row.username, row.first_name, row.last_name, row.email), False
    values = {"username": username, "first_name": first_name, "last_name": last_name, "email": email}
    number = inserted_id(connection.execute(insert(accounts_table), values))
    return Account(number, username, first_name, last_name, email), True


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
