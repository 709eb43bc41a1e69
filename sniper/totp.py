"""One-time codes of a second factor."""

from __future__ import annotations

import base64

import pyotp


class OneTimeCodes(pyotp.TOTP):
    """The codes of a seed, however short: its length is the site's choice, and 16 characters are common.

    pyotp itself refuses seeds of less than 112 bits.
    """

    def byte_secret(self) -> bytes:
        """The seed, decoded."""
        return base64.b32decode(self.secret + "=" * (-len(self.secret) % 8), casefold=True)
