"""Files a person wrote: every complaint says where it stands and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import Field, RootModel, model_validator

from sniper.documents import (
    Document,
    StrictModel,
    complaint,
    misplaced,
    read_json,
    read_yaml,
    validated,
)
from sniper.errors import InputError


class Inner(StrictModel):
    """A part."""

    size: int = Field(ge=1)
    colour: str = "red"


class Outer(StrictModel):
    """A file."""

    name: str
    parts: tuple[Inner, ...] = Field((), min_length=1)
    by_key: dict[str, Inner] = Field(default_factory=dict, alias="by-key")

    @model_validator(mode="after")
    def _no_grey(self) -> Outer:
        for index, part in enumerate(self.parts):
            if part.colour == "grey":
                raise misplaced(("parts", index, "colour"), "grey is no colour")
        return self


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and name it."""

    def write(text: str | bytes, name: str = "a.json") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def complaints(path: Path) -> str:
    """All that is printed when the file is read, with the file's folder left out."""
    read = read_json if path.suffix == ".json" else read_yaml
    with pytest.raises(InputError) as refused:
        validated(Outer, read(path))
    return refused.value.explain().replace(f"{path.parent}/", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"name": "x",\n "parts": [{"size": 1}]\n "by-key": {}}',
            "a.json:3: not valid JSON: Expecting ',' delimiter (column 2)\n"
            "Look there and at the line before it: a comma, a quote or a bracket too many or too few?",
        ),
        (
            '{"name": "x",\n\t"parts": [],\n\t"name": "y"}',
            "a.json:3: the key 'name' stands twice in one object\nKeep one of the two.",
        ),
        (
            "[]",
            "a.json: the file holds a list; it must hold one object with named keys\n"
            "Compare it with an example.",
        ),
        (
            "1",
            "a.json: the file holds a number; it must hold one object with named keys\n"
            "Compare it with an example.",
        ),
        ('{"name": "x",\n\t"pars": []}', "a.json:2: pars: unknown key; did you mean 'parts'?"),
        (
            '{"name": "x",\n "zzz": 1}',
            "a.json:2: zzz: unknown key; possible here: name, parts, by-key",
        ),
        ('{\n "parts": [{"size": 1}]}', "a.json: name: is missing"),
        ('{"name": "x",\n "parts":\n [{"colour": "blue"}]}', "a.json:3: parts[0].size: is missing"),
        (
            '{"name": "x",\n "parts":\n [{"size": 1},\n {"size": 0}]}',
            "a.json:4: parts[1].size: must be greater than or equal to 1 (is 0)",
        ),
        ('{"name": 5, "parts": [{"size": 1}]}', "a.json:1: name: must be a valid string (is 5)"),
        ('{"name": "x",\n "parts": []}', "a.json:2: parts: must not be empty"),
        ('{"name": "x",\n "by-key": "s3cret"}', "a.json:2: by-key: must be an object with named keys"),
        ('{"name": "x",\n "parts": 3}', "a.json:2: parts: must be a list (is 3)"),
        ('{"name": "x",\n "parts": ["ä"]}', "a.json:2: parts[0]: must be an object with named keys"),
        (
            '{"name": "x",\n "by-key": {\n  "one": {\n   "size": "big"}}}',
            "a.json:4: by-key.one.size: must be a valid integer, unable to parse string as an integer "
            '(is "big")',
        ),
        (
            '{"name": "x", "parts": [\n {"size": 1,\n  "colour": "grey"}]}',
            "a.json:3: parts[0].colour: grey is no colour",
        ),
    ],
)
def test_a_wrong_json_file_is_told_with_file_line_and_key(write: Write, text: str, said: str) -> None:
    assert complaints(write(text)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "name: x\nparts: [\n",
            "a.yaml:3: not valid YAML: expected the node content, but found '<stream end>'\n"
            "Look at the indentation and the quotes of the line and the one before it.",
        ),
        (
            "name: x\nparts: []\nname: y\n",
            "a.yaml:3: the key 'name' stands twice in one mapping\nKeep one of the two.",
        ),
        (
            "",
            "a.yaml: the file is empty; it must hold one object with named keys\nCompare it with an example.",
        ),
        (
            "just words",
            "a.yaml: the file holds a text; it must hold one object with named keys\n"
            "Compare it with an example.",
        ),
        (
            "name: x\nparts:\n  - size: 1\n    color: blue\n",
            "a.yaml:4: parts[0].color: unknown key; did you mean 'colour'?",
        ),
        (
            "name: x\nparts:\n  - size: 1\n  - size: -1\n",
            "a.yaml:4: parts[1].size: must be greater than or equal to 1 (is -1)",
        ),
    ],
)
def test_a_wrong_yaml_file_is_told_with_file_line_and_key(write: Write, text: str, said: str) -> None:
    assert complaints(write(text, "a.yaml")) == said


def test_several_problems_are_told_at_once_one_a_line(write: Write) -> None:
    path = write('{"parts": [\n {"size": 0},\n {"size": 1, "colour": 3}]}')
    assert complaints(path).splitlines() == [
        "a.json: name: is missing",
        "a.json:2: parts[0].size: must be greater than or equal to 1 (is 0)",
        "a.json:3: parts[1].colour: must be a valid string (is 3)",
    ]


def test_tabs_do_not_move_the_lines(write: Write) -> None:
    path = write('{\n\t"name":\t"x",\n\t"parts":\t[\n\t\t{\t"size":\t0\t}\n\t]\n}')
    assert complaints(path).startswith("a.json:4: parts[0].size:")


def test_a_file_may_begin_with_a_byte_order_mark(write: Write) -> None:
    assert read_json(write(b'\xef\xbb\xbf{"name": "x"}')).root == {"name": "x"}
    assert read_yaml(write(b"\xef\xbb\xbfname: x\n", "a.yaml")).root == {"name": "x"}


def test_a_file_that_is_not_there_is_told_with_an_example_to_start_from(tmp_path: Path) -> None:
    assert complaints(tmp_path / "b.json") == (
        "b.json: there is no such file\nCheck the path; bookings.example.json is one to start from."
    )
    assert complaints(tmp_path / "b.yaml") == "b.yaml: there is no such file\nCheck the path."


def test_a_file_that_is_no_text_is_told(write: Write) -> None:
    assert complaints(write(b'{"name": "\xff"}')) == "a.json: is not text in UTF-8\nSave it as UTF-8."


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "b.json").mkdir()
    assert complaints(tmp_path / "b.json") == "b.json: cannot be read: Is a directory\nCheck the path."


def test_a_good_file_becomes_its_model(write: Write) -> None:
    text = '{"name": "x", "parts": [{"size": 2}], "by-key": {"a": {"size": 3, "colour": "blue"}}}'
    model = validated(Outer, read_json(write(text)))
    assert model == Outer(name="x", parts=(Inner(size=2),), by_key={"a": Inner(size=3, colour="blue")})


def test_what_a_file_holds_is_not_in_its_repr(write: Write) -> None:
    document = read_json(write('{"name": "s3cret"}'))
    assert "s3cret" not in repr(document)


def test_what_a_file_holds_is_not_in_the_error_behind_the_error(write: Write) -> None:
    for text in ('{"name": "s3cret", "parts": [{"size": 0}]}', '{"name": "s3cret" "parts"}'):
        with pytest.raises(InputError) as refused:
            validated(Outer, read_json(write(text)))
        assert (
            "s3cret" not in f"{refused.value.explain()} {refused.value.__cause__!r} {refused.value.__cause__}"
        )


def test_no_value_below_a_secret_key_is_shown(write: Write) -> None:
    path = write('{"name": 5,\n "parts": [{"size": "s3cret"}]}')
    with pytest.raises(InputError) as refused:
        validated(Outer, read_json(path), secret=("parts",))
    assert str(refused.value).replace(f"{path.parent}/", "").splitlines() == [
        "a.json:1: name: must be a valid string (is 5)",
        "a.json:2: parts[0].size: must be a valid integer, unable to parse string as an integer",
    ]


# -- a document that extends another


@pytest.fixture
def extended(write: Write) -> Document:
    """child.yaml on top of base.yaml."""
    base = read_yaml(
        write("name: base\nby-key:\n  a: {size: 1}\n  b:\n    size: 2\nparts:\n  - size: 1\n", "base.yaml")
    )
    child = read_yaml(write("\n\nby-key:\n  b:\n    colour: blue\nparts:\n  - colour: red\n", "child.yaml"))
    return Document(child.path, child.root, child._marks, base)


@pytest.mark.parametrize(
    ("key_path", "where"),
    [
        (("name",), "base.yaml:1"),
        (("by-key",), "child.yaml:3"),
        (("by-key", "a", "size"), "base.yaml:3"),
        (("by-key", "b", "size"), "base.yaml:5"),
        (("by-key", "b", "colour"), "child.yaml:5"),
        # A list replaces the base's, so what is missing in it is missing here.
        (("parts", 0, "size"), "child.yaml:7"),
        (("parts", 3), "child.yaml:6"),
        (("nothing",), "child.yaml"),
    ],
)
def test_a_key_that_stands_in_the_base_is_told_with_the_bases_name(
    extended: Document, key_path: tuple[str | int, ...], where: str
) -> None:
    said = complaint(extended, key_path, "is so").replace(f"{extended.path.parent}/", "")
    assert said.split(": ")[0] == where


class Parts(RootModel[tuple[Inner, ...]]):
    """A file that is a list."""


def test_a_list_is_complained_about_by_line_and_place(tmp_path: Path) -> None:
    path = tmp_path / "parts.json"
    path.write_text('[\n {"size": 1},\n {"size": 0},\n {"sise": 2}\n]')
    with pytest.raises(InputError) as refused:
        validated(Parts, read_json(path, list))
    assert str(refused.value).splitlines() == [
        f"{path}:3: [1].size: must be greater than or equal to 1 (is 0)",
        f"{path}:4: [2].sise: unknown key; did you mean 'size'?",
    ]


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@example(content={"name": "x", "parts": [{"\x1b[2J\r\ud800": None}]})
@example(content={"name": "x", "parts": [{"size": "\x1b[2J\u2028\ud800"}]})
@given(content=st.dictionaries(st.sampled_from(["name", "parts", "by-key", "x"]), plain, max_size=4))
def test_whatever_stands_in_a_file_it_is_read_or_complained_about(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    document = read_json(path)
    assert document.root == content
    said: list[str] = []
    try:
        validated(Outer, document)
    except InputError as error:
        said = str(error).splitlines()
    assert all(line.startswith(f"{path}") and line.isprintable() for line in said)
