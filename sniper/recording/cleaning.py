"""Takes what nobody may read out of what was recorded: texts, JSON, forms, pages, whole answers."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from sniper.recording.personal import emails_in, is_own, is_secret, names_in, secrets_in, without_emails
from sniper.scrubbing import HIDDEN, Scrubber, without_secrets_of_urls, without_tokens

_NOBODY = "somebody@example.invalid"
_HIDDEN_EVERYWHERE = 6
"""A secret found by its place that is shorter is hidden at that place only: `1` may be a session's number."""
_TEXTUAL = ("json", "javascript", "ecmascript", "xml", "html", "urlencoded", "text/", "multipart")
_QUOTED = re.compile(r"""(?i)(\b[\w-]*(?:password|passwd|secret|token)["']?\s*[:=]\s*["'])([^"'<>]+)""")
_TAG = re.compile(r"(?is)<(input|meta)\b[^>]*>")
_ATTRIBUTE = re.compile(r"""(?is)\b(name|id|type|value|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_PART = re.compile(r'(?is)(name="([^"]+)"[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n)(.*?)(?=\r?\n--)')
_VALUES = ("value", "__playwright_value_")
# Numbers that a recording gives to its own parts: long, and nobody's secret.
_OUR_OWN = frozenset(("_file", "_sha1", "sha1", "pageId", "frameId", "pageref", "_frameref", "page", "frame"))
_NUMBER = re.compile(r"(?:resources/|page@|frame@)?[0-9a-f]{32,40}(?:\.\w+)?")


class Cleaner:
    """Knows secrets and people, learns more of both from what was recorded, and takes them out of it."""

    def __init__(
        self, secrets: Iterable[str], people: Mapping[str, str], not_names: Collection[str] = ()
    ) -> None:
        """People: who takes part, and what each is called instead. `not_names` are words of the site."""
        self._scrub = Scrubber(secrets)
        self._people = dict(people)
        self._not_names = frozenset(not_names)
        self._pattern: re.Pattern[str] | None = None

    # -- learning

    def learn(self, node: Any) -> None:
        """What stands in a JSON document at places of secrets, or of names, is hidden wherever it stands."""
        self._scrub.know(one for one in secrets_in(node) if len(one) >= _HIDDEN_EVERYWHERE)
        self.meet(names_in(node, self._not_names))

    def learn_body(self, body: bytes, mime: str) -> None:
        """The same, of what was sent or answered."""
        if not _is_text(mime):
            return
        text = body.decode("utf-8", "replace")
        if "json" in mime:
            self.learn(_parsed(text))
        elif "urlencoded" in mime:
            self.learn([{"name": name, "value": value} for name, value in parse_qsl(text)])
        elif "multipart" in mime:
            self.learn([{"name": part[2], "value": part[3]} for part in _PART.finditer(text)])
        elif "html" in mime:
            for tag in _TAG.finditer(text):
                found = _attributes(tag[0])
                value = found.get("value") or found.get("content") or ""
                self.learn({"name": found.get("name") or found.get("id") or "", "value": value})
        if "javascript" not in mime and "css" not in mime:
            self.meet(emails_in(text))

    def meet(self, names: Iterable[str]) -> None:
        """These are names, addresses or numbers of people."""
        for name in names:
            if name not in self._people and len(name) > 1:
                self._people[name] = _NOBODY if "@" in name else HIDDEN
                self._pattern = None

    # -- cleaning

    def text(self, text: str) -> str:
        """A text that people read."""
        return without_tokens(without_secrets_of_urls(self._known(text)))

    def json(self, node: Any, name: str = "") -> Any:
        """A JSON document, or what stands in it below this name."""
        match node:
            case dict():
                pair = node.get("name"), node.get("value")
                if isinstance(pair[0], str) and isinstance(pair[1], str):
                    value = self.json(pair[1], pair[0])
                    others = {k: self.json(v, k) for k, v in node.items() if k not in ("name", "value")}
                    return {"name": self._known(pair[0]), "value": value, **others}
                return {self._known(str(key)): self.json(value, str(key)) for key, value in node.items()}
            case [str() as tag, dict() as attributes, *children]:
                return [tag, self._attributes(tag, attributes), *(self.json(one) for one in children)]
            case list():
                return [self.json(one, name) for one in node]
            case str():
                return self._leaf(node, name)
            case bool() | None:
                return node
            case int() if is_secret(name, str(node)) or self._known(str(node)) != str(node):
                return HIDDEN
        return node

    def form(self, text: str) -> str:
        """A form as it is sent."""
        pairs = parse_qsl(text, keep_blank_values=True)
        return urlencode([(name, self._leaf(value, name)) for name, value in pairs])

    def page(self, html: str) -> str:
        """A document."""
        html = _TAG.sub(lambda tag: _without_value(tag[0]), self._known(html))
        return _QUOTED.sub(rf"\1{HIDDEN}", without_tokens(without_secrets_of_urls(html)))

    def body(self, body: bytes, mime: str) -> bytes:
        """What was sent or answered; nothing of it, if a secret is in what is no text."""
        try:
            if not _is_text(mime):
                raise ValueError(mime)  # noqa: TRY301 - as what only says that it is text
            text = body.decode("utf-8")
        except ValueError:
            seen = body.decode("latin-1")
            return body if self._known(seen) == seen else b""
        return self._body(text, mime).encode()

    def _body(self, text: str, mime: str) -> str:
        if "json" in mime and (parsed := _parsed(text)) is not None:
            return json.dumps(self.json(parsed), ensure_ascii=False, separators=(",", ":"))
        if "urlencoded" in mime:
            return self.form(text)
        if "multipart" in mime:
            return _PART.sub(lambda part: part[1] + self._leaf(part[3], part[2]), text)
        if "html" in mime:
            return self.page(text)
        if "javascript" in mime or "ecmascript" in mime or "css" in mime:
            # Its own words may look like names and tokens.
            return self._scrub(self._without_people(text, among_code=True))
        return self.text(text)

    def _leaf(self, text: str, name: str) -> str:
        if name in _OUR_OWN and _NUMBER.fullmatch(text):
            return self._scrub(text)
        if is_secret(name, text):
            return HIDDEN
        if is_own(name) and text and text not in self._not_names:
            return self._people.get(text, _NOBODY if "@" in text else HIDDEN)
        if text[:1] in ("{", "[") and (parsed := _parsed(text)) is not None:
            return json.dumps(self.json(parsed), ensure_ascii=False, separators=(",", ":"))
        if text[:1] == "<" or "</" in text:
            return self.page(text)
        return self.text(text)

    def _attributes(self, tag: str, attributes: dict[str, Any]) -> dict[str, Any]:
        """Those of an element of a picture of the document."""
        clean = {key: self.json(value, key) for key, value in attributes.items()}
        if tag.upper() in ("INPUT", "META"):
            called = str(attributes.get("name") or attributes.get("id") or "")
            for key in (*_VALUES, "content"):
                value = str(attributes.get(key) or "")
                if value and (
                    str(attributes.get("type", "")).lower() == "password" or is_secret(called, value)
                ):
                    clean[key] = HIDDEN
        return clean

    def _known(self, text: str) -> str:
        return without_emails(self._scrub(self._without_people(text)), _NOBODY)

    def _without_people(self, text: str, *, among_code: bool = False) -> str:
        if self._pattern is None:
            spelled = {form: instead for one, instead in self._people.items() for form in (one, quote(one))}
            self._spelled = {form: spelled[form] for form in sorted(spelled, key=len, reverse=True)}
            either = "|".join(re.escape(form) for form in self._spelled)
            self._pattern = re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])" if either else r"(?!)")
        if among_code:
            return self._pattern.sub(lambda m: self._spelled[m[0]] if set(m[0]) & set(" @%") else m[0], text)
        return self._pattern.sub(lambda m: self._spelled[m[0]], text)


def _is_text(mime: str) -> bool:
    return any(part in mime for part in _TEXTUAL)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _attributes(tag: str) -> dict[str, str]:
    return {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _ATTRIBUTE.finditer(tag)}


def _without_value(tag: str) -> str:
    found = _attributes(tag)
    called = found.get("name") or found.get("id") or ""
    for key in ("value", "content"):
        value = found.get(key, "")
        if value and (found.get("type", "").lower() == "password" or is_secret(called, value)):
            tag = tag.replace(value, HIDDEN)
    return tag
