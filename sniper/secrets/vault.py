"""Encrypts and decrypts, with the keys of this state folder.

Who has both the keys and the database has the secrets: this protects the database where it goes without them,
into a backup, onto a server, attached to a bug report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from sniper.secrets import places
from sniper.secrets.places import KeyPlace


class UnsealError(Exception):
    """It was encrypted with another key, or is damaged."""


class Vault:
    """Encrypts and decrypts texts, and notices every change made to what it encrypted.

    A process may have it for days: keys that were changed meanwhile are read anew.
    """

    def __init__(self, keys: Sequence[Fernet], place: KeyPlace | None = None) -> None:
        """The first key encrypts, any of them decrypts.

        Args:
            keys: At least one.
            place: Where they were read from; without one they stay what they are.
        """
        self._fernet = MultiFernet(keys)
        self.place = place
        self._stamp = place.stamp() if place else None

    @classmethod
    def open(cls) -> Self:
        """The vault of this state folder; its key is made if there is none.

        Raises:
            EnvironmentProblem: There is no usable key, or others may read it.
        """
        return cls.at(places.find() or places.make())

    @classmethod
    def as_it_is(cls) -> Self | None:
        """The vault of this state folder, if it has a key.

        Raises:
            EnvironmentProblem: It has one that cannot be used.
        """
        place = places.find()
        return None if place is None else cls.at(place)

    @classmethod
    def at(cls, place: KeyPlace) -> Self:
        """The vault with the keys of a place.

        Raises:
            EnvironmentProblem: They cannot be read, or are none.
        """
        return cls(places.fernets(place), place)

    def seal(self, text: str) -> str:
        """The text, encrypted; plain ASCII.

        Raises:
            EnvironmentProblem: The keys were changed meanwhile, and the new ones cannot be read.
        """
        self._keep_up()
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """What was sealed.

        Raises:
            UnsealError: It was sealed with another key, or is damaged.
            EnvironmentProblem: See `seal`.
        """
        self._keep_up()
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, ValueError):
            raise UnsealError("encrypted with another key, or damaged") from None

    def _keep_up(self) -> None:
        """Read the keys anew if somebody has changed them: `sniper secrets rotate`, while a run waits."""
        if self.place is None:
            return
        stamp = self.place.stamp()
        if stamp is not None and stamp != self._stamp:
            self._fernet = MultiFernet(places.fernets(self.place))
            self._stamp = stamp
