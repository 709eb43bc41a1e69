"""JSON and YAML files a person wrote: read, checked against a model; complaints name file, key and line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sniper.errors import InputError

type_of = TypeVar("type_of", bound=BaseModel)
KeyPath = tuple[str | int, ...]
_KINDS = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
}


class StrictModel(BaseModel):
    """A part of a file: immutable; an unknown key is an error that names the key probably meant."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _name_unknown_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = [field.alias or name for name, field in cls.model_fields.items()]
            if unknown := [key for key in data if key not in known and key not in cls.model_fields]:
                raise PydanticCustomError("unknown_keys", "unknown keys", {"keys": unknown, "known": known})
        return data


def misplaced(key_path: KeyPath, text: str) -> PydanticCustomError:
    """For a model's own checks: what is wrong with a key somewhere below the model."""
    return PydanticCustomError("misplaced", "{text}", {"text": text, "at": key_path})


@dataclass(frozen=True)
class _Marks:
    """Where the keys of a YAML text stand: read only when somebody asks, as it takes longer than the rest."""

    text: str = field(repr=False)

    @cached_property
    def tree(self) -> CommentedMap | CommentedSeq | None:
        """The text with its lines; None where it has no keys."""
        try:
            found = YAML(typ="rt").load(self.text)
        except YAMLError:
            return None
        return found if isinstance(found, CommentedMap | CommentedSeq) else None


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content, and where in it each key stands.

    Attributes:
        root: Plain mappings, lists and scalars; not in the `repr`, for there may be passwords among them.
        base: The document this one extends: keys that do not stand here are looked up there.
    """

    path: Path
    root: Any = field(repr=False)
    _marks: _Marks | None = field(default=None, repr=False)
    base: Self | None = None

    def locate(self, key_path: KeyPath) -> tuple[Path, int | None]:
        """The file and line (from 1) of a key, or of the innermost key around it that stands in a file."""
        found: tuple[Path, int | None] = (self.path, None)
        deepest = 0
        document: Document | None = self
        while document:
            lines, shared = document._lines(key_path)
            if len(lines) > deepest:
                found, deepest = (document.path, lines[-1]), len(lines)
            document = document.base if shared else None
        return found

    def _lines(self, key_path: KeyPath) -> tuple[list[int], bool]:
        """The line of each key of the path as far as it stands here; and may the rest stand in the base?

        Mappings are merged with the base's; anything else replaces what is there.
        """
        node: Any = self._marks and self._marks.tree
        lines: list[int] = []
        merged = True
        for key in key_path:
            if isinstance(node, CommentedMap) and key in node:
                lines.append(int(node.lc.key(key)[0]) + 1)
            elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
                lines.append(int(node.lc.item(key)[0]) + 1)
            else:
                return lines, merged and isinstance(node, CommentedMap | None)
            merged = merged and isinstance(node, CommentedMap)
            node = node[key]
        return lines, False


def read_json(path: Path, top: type[dict[str, Any]] | type[list[Any]] = dict) -> Document:
    """Read a JSON file whose top is an object, or a list.

    Raises:
        InputError: The file is missing, is not JSON, names a key twice, or holds something else.
    """
    text = _read(path)
    try:
        root = json.loads(text, object_pairs_hook=_no_duplicates)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}:{error.lineno}: not valid JSON: {error.msg} (column {error.colno})",
            mend="Look there and at the line before it: a comma, a quote or a bracket too many or too few?",
        ) from None  # It holds the whole text, passwords and all.
    except _DuplicateKeyError as error:
        raise InputError(
            f"{_at(path, _line_of_duplicate(text))}: the key {error.key!r} stands twice in one object",
            mend="Keep one of the two.",
        ) from None
    # JSON is YAML but for tabs between tokens.
    return _document(path, root, _Marks(text.replace("\t", " ")), top)


def read_yaml(path: Path) -> Document:
    """Read a YAML 1.2 file whose top is a mapping.

    Raises:
        InputError: The file is missing, is not YAML, names a key twice or is no mapping.
    """
    text = _read(path)
    try:
        root = deepcopy(_parsed(text))
    except DuplicateKeyError as error:
        key = str(error.problem).removeprefix("found duplicate key ").partition(" with value")[0].strip('"')
        raise InputError(
            f"{_at(path, _line_of_error(error))}: the key {key!r} stands twice in one mapping",
            mend="Keep one of the two.",
        ) from None
    except MarkedYAMLError as error:
        raise InputError(
            f"{_at(path, _line_of_error(error))}: not valid YAML: {error.problem}",
            mend="Look at the indentation and the quotes of the line and the one before it.",
        ) from error
    except YAMLError as error:
        raise InputError(f"{path}: not valid YAML: {error}") from error
    return _document(path, root, _Marks(text))


@lru_cache(maxsize=32)
def _parsed(text: str) -> Any:
    # A profile, those it extends and all that asks for one have the same few files read again and again.
    return YAML(typ="safe", pure=True).load(text)


def validated(model: type[type_of], document: Document, secret: Collection[str] = ()) -> type_of:
    """The document as a `model`.

    Args:
        model: What it has to be.
        document: What it is.
        secret: Keys at the top; no complaint shows a value that stands below them.

    Raises:
        InputError: It does not fit. Every problem is one line: file, line, key path, what is wrong.
    """
    try:
        return model.model_validate(document.root)
    except ValidationError as error:
        problems = [
            complaint(document, *problem)
            for e in error.errors()
            if not _follows_from_others(e)
            for problem in _problems(document.root, e, secret)
        ]
        raise InputError("\n".join(dict.fromkeys(problems))) from error


def complaint(document: Document, key_path: KeyPath, message: str) -> str:
    """One line about one key: `bookings.json:12: snipe_config.target_date: …`."""
    path, line = document.locate(key_path)
    where = _at(path, line)
    name = named_key(key_path)
    return f"{where}: {name}: {message}" if name else f"{where}: {message}"


def named_key(key_path: KeyPath) -> str:
    """A key as it is told: `accounts[0].password`."""
    return "".join(
        f"[{k}]" if isinstance(k, int) else f".{_printable(str(k))}" for k in key_path
    ).removeprefix(".")


def _problems(root: Any, error: ErrorDetails, secret: Collection[str]) -> Iterator[tuple[KeyPath, str]]:
    key_path = tuple(_real_keys(root, error["loc"]))
    if error["type"] != "unknown_keys":
        yield _problem(key_path, error, shows_value=not set(key_path[:1]) & set(secret))
        return
    known = error["ctx"]["known"]
    for key in error["ctx"]["keys"]:
        near = get_close_matches(str(key), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"possible here: {', '.join(known)}"
        yield (*key_path, key), f"unknown key; {hint}"


def _problem(key_path: KeyPath, error: ErrorDetails, *, shows_value: bool) -> tuple[KeyPath, str]:
    given = error["input"]
    match error["type"]:
        case "missing":
            return (*key_path, error["loc"][-1]), "is missing"
        case "value_error":
            return key_path, str(error["ctx"]["error"])
        case "misplaced":
            return (*key_path, *error["ctx"]["at"]), error["msg"]
        case "too_short" | "string_too_short":
            return key_path, "must not be empty"
        case "step_kind" | "secret_kind" | "account_name" | "when_kind" | "calendar_kind":
            return key_path, error["msg"]
        case "model_type" | "dict_type":
            return key_path, "must be an object with named keys"
        case "tuple_type" | "list_type":
            text = "must be a list"
        case _:
            text = _lower_first(error["msg"]).replace("input should be", "must be")
    shown = (
        ""
        if isinstance(given, dict | list) or not shows_value
        else f" (is {_printable(json.dumps(given, default=str, ensure_ascii=False))})"
    )
    return key_path, text + shown


def _follows_from_others(error: ErrorDetails) -> bool:
    """A list that is short only because pydantic left its bad items out, each of which has its own error."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _real_keys(root: Any, loc: tuple[str | int, ...]) -> Iterator[str | int]:
    """The parts of pydantic's `loc` that stand in the file; the others are its names for union members."""
    node = root
    for key in loc:
        if (isinstance(node, dict) and key in node) or (
            isinstance(node, list) and isinstance(key, int) and key < len(node)
        ):
            node = node[key]  # type: ignore[index]
            yield key


def _printable(text: str) -> str:
    """The text with what would break the line, or upset a terminal, spelled out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _lower_first(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        example = "; bookings.example.json is one to start from" if path.suffix == ".json" else ""
        raise InputError(f"{path}: there is no such file", mend=f"Check the path{example}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text in UTF-8", mend="Save it as UTF-8.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}", mend="Check the path.") from error


def _document(path: Path, root: Any, marks: _Marks, top: type = dict) -> Document:
    if not isinstance(root, top):
        what = "is empty" if root is None else f"holds {_KINDS.get(type(root), 'one value')}"
        wanted = "one object with named keys" if top is dict else "one list"
        raise InputError(
            f"{path}: the file {what}; it must hold {wanted}", mend="Compare it with an example."
        )
    return Document(path, root, marks)


class _DuplicateKeyError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise _DuplicateKeyError(key)
        result[key] = value
    return result


def _line_of_duplicate(text: str) -> int | None:
    """Where a key of a JSON text stands for the second time."""
    try:
        YAML(typ="rt").load(text.replace("\t", " "))
    except DuplicateKeyError as error:
        return _line_of_error(error)
    except YAMLError:
        pass
    return None


def _line_of_error(error: MarkedYAMLError) -> int | None:
    return int(error.problem_mark.line) + 1 if error.problem_mark else None


def _at(path: Path, line: int | None) -> str:
    return f"{path}:{line}" if line else str(path)
