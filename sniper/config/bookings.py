"""bookings.json: the schema, and what is checked before anything is done."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from sniper.config.accounts import FromEnvironment, NamedAccount
from sniper.config.snipe_config import SnipeConfig
from sniper.config.watching import WatchConfig
from sniper.documents import Document, StrictModel, complaint, read_json, validated
from sniper.errors import InputError


class Bookings(StrictModel):
    """A whole bookings.json."""

    schema_: str | None = Field(None, alias="$schema")
    site: str = Field(min_length=1)
    """The name of a profile, or the path of one."""
    accounts: tuple[NamedAccount, ...] = Field(min_length=1)
    snipe_config: SnipeConfig
    watch: WatchConfig = WatchConfig()

    @property
    def secret_variables(self) -> frozenset[str]:
        """The environment variables that secrets stand in."""
        secrets = (secret for one in self.accounts for secret in one.secrets.values())
        names = {secret.env for secret in secrets if isinstance(secret, FromEnvironment)}
        return frozenset(names | set(self.watch.variables))


def read_bookings(path: Path) -> tuple[Bookings, Document]:
    """Read and check a bookings.json, by itself (what needs the profile is checked with it).

    Raises:
        InputError: It is wrong; every problem is one line with file, line, key path and mend.
    """
    document = read_json(path)
    bookings = validated(Bookings, document, secret="accounts")  # noqa: S106 (a key)
    problems = []
    first: dict[str, int] = {}
    for index, account in enumerate(bookings.accounts):
        if account.netid in first:
            problems.append(
                complaint(
                    document,
                    ("accounts", index, "netid"),
                    f"{account.netid!r} is already accounts[{first[account.netid]}]; keep one of them",
                )
            )
        first.setdefault(account.netid, index)
        for key, secret in account.secrets.items():
            if account.is_active and isinstance(secret, FromEnvironment):
                try:
                    secret.read()
                except InputError as error:
                    problems.append(complaint(document, ("accounts", index, key, "env"), str(error)))
    if not any(account.is_active for account in bookings.accounts):
        problems.append(
            complaint(document, ("accounts",), "no account is active; set is_active of one to true")
        )
    if problems:
        raise InputError("\n".join(problems))
    return bookings, document
