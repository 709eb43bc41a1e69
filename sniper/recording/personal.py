"""What in a site's answers is secret or somebody's own, by the place where it stands."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterator
from typing import Any

_ALWAYS = re.compile(
    r"(?:.*(?:password|passwd|passphrase|secret|token|csrf|xsrf)"
    r"|pass|pwd|(?:proxy)?authorization|(?:set)?cookie|.*api_?key|.*session_?id|phpsessid|jsessionid|jwt|bearer"
    r"|t?otp|one_?time_?code|.*mfa.*|.*verification_?code|code_?verifier|client_?assertion"
    r"|saml(?:request|response)|relaystate|signature)"
)
_IF_IT_LOOKS_SO = re.compile(r"code|sid|state|nonce|key|sig|auth|session|credential|assertion|.*_code")
_CODE = re.compile(r"\d{6,8}")
_TOKEN_LENGTH = 16
# `logo@2x.png` is none.
_EMAIL = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*\.(?!(?:png|jpe?g|gif|svg|webp|js|css)\b)[a-zA-Z]{2,24}\b"
)
_OWN = (
    "firstname",
    "lastname",
    "givenname",
    "familyname",
    "middlename",
    "surname",
    "fullname",
    "displayname",
    "username",
    "email",
    "emailaddress",
    "phone",
    "phonenumber",
    "mobile",
    "birthdate",
    "dateofbirth",
)
_PEOPLE = re.compile(
    r"(?:member|owner|user|participant|person|customer|author|organi[sz]er|holder|guest)s?|people|createdby"
)
_JWT = re.compile(r"eyJ[\w-]{8,}\.(eyJ[\w-]{8,})\.[\w-]*")


def is_secret(name: str, value: str) -> bool:
    """Does a field of this name hold what must not be written down, when this stands in it?"""
    plain = name.strip().lower().replace("-", "_")
    if not value:
        return False
    if _ALWAYS.fullmatch(plain):
        return True
    looks_so = _CODE.fullmatch(value) or (len(value) >= _TOKEN_LENGTH and not any(map(str.isspace, value)))
    return bool(_IF_IT_LOOKS_SO.fullmatch(plain) and looks_so)


def is_own(name: str) -> bool:
    """Does a field of this name hold what is somebody's own: a name, an address, a number?"""
    return _plain(name).endswith(_OWN)


def emails_in(text: str) -> set[str]:
    """The e-mail addresses in it."""
    return set(_EMAIL.findall(text)) if "@" in text else set()


def without_emails(text: str, instead: str) -> str:
    """The text with something else in the place of its e-mail addresses."""
    return _EMAIL.sub(instead, text) if "@" in text else text


def secrets_in(node: Any) -> Iterator[str]:
    """What stands in the fields of a JSON document that hold secrets."""
    for name, value, _ in _fields(node):
        if is_secret(name, value):
            yield value


def names_in(node: Any, not_names: Collection[str] = ()) -> Iterator[str]:
    """Names, addresses and numbers of people in a JSON document, also inside tokens that can be read.

    Args:
        node: The document.
        not_names: What is never taken for one.
    """
    for name, value, about_person in _fields(node):
        own = is_own(name) or (about_person and _plain(name) == "name")
        if own and value not in not_names and any(map(str.isalnum, value)):
            yield value
        for claims in _JWT.findall(value):
            yield from names_in(_claims(claims), not_names)


def _fields(node: Any, holder: str = "") -> Iterator[tuple[str, str, bool]]:
    """Every text below with the name of its field, and whether the field is one of a person."""
    match node:
        case dict():
            pair = node.get("name"), node.get("value")
            if isinstance(pair[0], str) and isinstance(pair[1], str):
                yield pair[0], pair[1], False
                yield from _inside(pair[1], holder)
                return
            person = bool(_PEOPLE.fullmatch(_plain(holder))) or any(is_own(str(name)) for name in node)
            for name, value in node.items():
                if isinstance(value, str | int) and not isinstance(value, bool):
                    yield str(name), str(value), person
                    yield from _inside(str(value), str(name))
                else:
                    yield from _fields(value, str(name))
        case list():
            for value in node:
                if isinstance(value, str):
                    yield holder, value, False
                else:
                    yield from _fields(value, holder)


def _inside(text: str, holder: str) -> Iterator[tuple[str, str, bool]]:
    """A text that is JSON itself."""
    if text[:1] in ("{", "["):
        try:
            inner = json.loads(text)
        except ValueError:
            return
        yield from _fields(inner, holder)


def _claims(part: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
