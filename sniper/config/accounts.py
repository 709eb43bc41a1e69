"""The accounts of bookings.json: who they are, and where their secrets are read from."""

from __future__ import annotations

import base64
import binascii
import os
import re
from contextlib import suppress
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    SecretStr,
    Tag,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from sniper.documents import StrictModel
from sniper.errors import InputError
from sniper.sites.details import Detail

SECRET_KEYS = ("password", "totp_secret", "token")
"""The keys of an account that hold what it signs in with."""

_NAME = re.compile(r"[^\s:]+")
_NO_NAME = (
    "must be the name of an account that `sniper accounts list` shows, or an object with netid and password"
)


class FromEnvironment(StrictModel):
    """A secret that stands in an environment variable."""

    env: str = Field(min_length=1)
    """The variable's name."""

    def read(self) -> str:
        """What stands in it.

        Raises:
            InputError: It is not set.
        """
        if value := os.environ.get(self.env):
            return value
        raise InputError("the environment variable is not set; set it, then run again")


def seed_of(text: str) -> str:
    """The seed of a second factor without what sites and people put in between; nothing said shows it."""
    seed = re.sub(r"[\s–-]", "", text).rstrip("=")
    if not re.fullmatch(r"[A-Za-z2-7]{16,}", seed):
        raise ValueError(
            "is no seed of a second factor: that is base 32, at least 16 of the letters A to Z and the "
            "digits 2 to 7; copy it anew (spaces, dashes and small letters do not matter)"
        )
    with suppress(binascii.Error):
        base64.b32decode(seed.upper() + "=" * (-len(seed) % 8))
        return seed.upper()
    raise ValueError("is no whole seed of a second factor: no base 32 has that many characters; copy it anew")


class SeedFromEnvironment(FromEnvironment):
    """The seed of a second factor that stands in an environment variable."""

    def read(self) -> str:
        """The seed in it.

        Raises:
            InputError: It is not set, or holds something else.
        """
        try:
            return seed_of(super().read())
        except ValueError as error:
            raise InputError(f"what the environment variable holds {error}") from None


def _secret_kind(value: Any) -> str | None:
    if isinstance(value, str | SecretStr):
        return "text"
    return "variable" if isinstance(value, dict | FromEnvironment) else None


TEXT_OR_VARIABLE = Discriminator(
    _secret_kind,
    custom_error_type="secret_kind",
    custom_error_message='must be a text in quotes, or {"env": "NAME"} for an environment variable',
)
Secret = Annotated[
    Annotated[SecretStr, Field(min_length=1), Tag("text")] | Annotated[FromEnvironment, Tag("variable")],
    TEXT_OR_VARIABLE,
]
Seed = Annotated[
    Annotated[
        SecretStr,
        Field(min_length=1),
        AfterValidator(lambda secret: SecretStr(seed_of(secret.get_secret_value()))),
        Tag("text"),
    ]
    | Annotated[SeedFromEnvironment, Tag("variable")],
    TEXT_OR_VARIABLE,
]


def _told(value: str) -> str:
    if not value.strip():
        raise ValueError("says nothing; write it out, or leave the key out")
    return value.strip()


def _email(value: str) -> str:
    if not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", value):
        raise ValueError("is no e-mail address; write name@example.org")
    return value


Told = Annotated[str, AfterValidator(_told)]


class Details(StrictModel):
    """What forms ask of the person, where a site does; which ones it cannot do without, its profile says."""

    given_name: Told | None = None
    """The first name (profiles: `{details.given_name}`)."""
    family_name: Told | None = None
    """The last name (`{details.family_name}`)."""
    email: Annotated[Told, AfterValidator(_email)] | None = None
    """Where the site writes to (`{details.email}`)."""
    telephone: Told | None = None
    """As the site wants it written (`{details.telephone}`)."""

    @property
    def known(self) -> dict[Detail, str]:
        """Those that are told."""
        found = {one: getattr(self, one.value) for one in Detail}
        return {one: value for one, value in found.items() if value is not None}


class Account(StrictModel):
    """One person's access to the site. What stands in the file goes before what is stored of the account."""

    netid: str = Field(min_length=1)
    """The name the account signs in with."""
    password: Secret | None = None
    """The password, or `{"env": "NAME"}`; left out for an account that `sniper accounts` knows."""
    totp_secret: Seed | None = None
    """The seed of the second factor (base 32, at least 16 characters), where the site asks for one."""
    token: Secret | None = None
    """A token, or `{"env": "NAME"}`, where the site signs in by one."""
    details: Details = Field(default_factory=Details, repr=False)
    """The person's own, which forms ask for: `family_name`, `email` and so on."""
    is_active: bool = True
    """False leaves the account out without taking it out of the file."""

    @property
    def secrets(self) -> dict[str, SecretStr | FromEnvironment]:
        """What the account signs in with, as far as it is known, by its key."""
        found = {key: getattr(self, key) for key in SECRET_KEYS}
        return {key: secret for key, secret in found.items() if secret is not None}


def _by_name(value: Any) -> Any:
    """A bare text is a name. One that holds more than a name, a password say, is shown to nobody."""
    if not isinstance(value, str):
        return value
    if not _NAME.fullmatch(value):
        raise PydanticCustomError("account_name", "{text}", {"text": _NO_NAME})
    return {"netid": value}


class _OrName:
    """In the schema, too, a text stands for `netid`."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        told = "The name of an account that `sniper accounts` knows."
        bare = {"type": "string", "pattern": f"^{_NAME.pattern}$", "description": told}
        return {"anyOf": [bare, handler(schema)]}


NamedAccount = Annotated[Account, BeforeValidator(_by_name), _OrName()]
"""An account, or only the name of one that is stored."""


def reveal(secret: SecretStr | FromEnvironment) -> str:
    """The secret itself, out of the file or the environment. Keep it out of everything that is written.

    Raises:
        InputError: The environment variable is not set, or holds no seed where one is asked for.
    """
    return secret.get_secret_value() if isinstance(secret, SecretStr) else secret.read()
