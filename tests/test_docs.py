"""What the README and the docs say is true: every command in them exists, every example is valid."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from pathlib import Path

import click
import pytest

from sniper.cli import cli
from sniper.config.bookings import read_bookings
from sniper.config.goal import check_against, load_site
from sniper.core.phrases import read

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
QUOTED = re.compile(r"`(sniper [^`]+)`")
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
LINE = re.compile(r"^(?:\.venv/bin/)?(sniper [^#\n]+)", re.MULTILINE)


def commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [line for block in SHELL.findall(text) for line in LINE.findall(block)]
        found += [(page.name, command.strip()) for command in (*QUOTED.findall(text), *lines)]
    return sorted(set(found))


@pytest.mark.parametrize(("where", "command"), commands())
def test_every_command_in_the_docs_exists_with_its_options(where: str, command: str) -> None:
    words = shlex.split(command)[1:]
    context = click.Context(cli, info_name="sniper")
    node: click.Command = cli
    while isinstance(node, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        found = node.get_command(context, name)
        assert found is not None, f"{where}: there is no `sniper {name}`"
        context = click.Context(found, info_name=name, parent=context)
        node = found
    known = {option for param in node.get_params(context) for option in (*param.opts, *param.secondary_opts)}
    unknown = [word for word in words if word.startswith("-") and word.split("=")[0] not in known]
    assert not unknown, f"{where}: `{command}` has unknown options {unknown}"


def test_what_the_docs_have_others_start_are_commands() -> None:
    page = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
    (unit,) = re.findall(r"```ini\n(.*?)```", page, re.DOTALL)
    (image,) = re.findall(r"```dockerfile\n(.*?)```", page, re.DOTALL)
    parsed = configparser.ConfigParser(strict=True, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read_string(unit)
    started = [parsed["Service"][key].split("/bin/")[1] for key in ("ExecStart", "ExecReload")]
    started += [shlex.join(json.loads(words)) for words in re.findall(r"CMD (\[.*\])", image)]
    assert len(started) == 4
    for command in started:
        test_every_command_in_the_docs_exists_with_its_options("serve.md", command)


def examples() -> list[str]:
    pages = "".join((ROOT / "docs" / f"{name}.md").read_text() for name in ("bookings", "schedules"))
    blocks = re.findall(r"```json\n(.*?)```", pages, re.DOTALL)
    return [*blocks, (ROOT / "bookings.example.json").read_text(encoding="utf-8")]


@pytest.mark.parametrize("text", examples())
def test_every_bookings_example_is_valid_on_its_site(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bookings.json"
    path.write_text(text, encoding="utf-8")
    bookings, document = read_bookings(path)
    check_against(bookings, document, load_site(bookings, document))


def test_every_key_of_a_bookings_file_is_explained() -> None:
    page = (ROOT / "docs" / "bookings.md").read_text(encoding="utf-8")
    schema = json.loads((ROOT / "docs" / "schemas" / "bookings.schema.json").read_text(encoding="utf-8"))
    names = (
        "Account",
        "SnipeConfig",
        "PriorityConfig",
        "PlanningConfig",
        "NotificationConfig",
        "WatchConfig",
    )
    for name in (*names, "OnAppear"):
        for key in schema["$defs"][name]["properties"]:
            assert re.search(rf"[`.]{key}`", page), f"docs/bookings.md does not explain {key}"


def test_every_key_of_a_schedule_is_explained() -> None:
    page = (ROOT / "docs" / "schedules.md").read_text(encoding="utf-8")
    schema = json.loads((ROOT / "docs" / "schemas" / "bookings.schema.json").read_text(encoding="utf-8"))
    for name in ("ScheduleConfig", "RuleConfig", "CalendarConfig"):
        for key in schema["$defs"][name]["properties"]:
            assert re.search(rf'[`"]{key}[`"]', page), f"docs/schedules.md does not explain {key}"


def test_every_key_of_a_case_is_explained() -> None:
    page = (ROOT / "docs" / "fixtures.md").read_text(encoding="utf-8")
    schema = json.loads((ROOT / "docs" / "schemas" / "case.schema.json").read_text(encoding="utf-8"))
    parts = [schema, *(part for part in schema["$defs"].values() if "properties" in part)]
    assert len(parts) == 5
    for part in parts:
        for key in part["properties"]:
            assert re.search(rf"`{key}`", page), f"docs/fixtures.md does not explain {key}"


PHRASE = re.compile(r"^\| (.+?) \|", re.MULTILINE)


def test_every_phrase_that_the_docs_show_can_be_read() -> None:
    page = (ROOT / "docs" / "schedules.md").read_text(encoding="utf-8")
    table = page.partition("## Words")[2].partition("Refused is what")[0]
    phrases = [one for row in PHRASE.findall(table) for one in re.findall(r"`([^`]+)`", row)]
    start = " starting 2027-01-08"
    for phrase in phrases:
        whole = phrase.removesuffix(" …") + start if phrase.endswith(" …") else phrase
        clause = phrase.split()[0] in ("starting", "until", "from", "10", "except")
        read(f"every Friday {whole}{start if phrase == '10 times' else ''}" if clause else whole)


def test_every_link_between_the_pages_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
