"""Where fixtures come from: a `fixtures` folder beside one, and the bundled ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from sniper.documents import complaint, read_yaml, validated
from sniper.errors import InputError
from sniper.replay.case import Case
from sniper.sites.library import files_of

CASE = "case.yaml"


@dataclass(frozen=True, slots=True)
class Fixture:
    """A folder with a case in it.

    Attributes:
        name: `profile/case`.
    """

    name: str
    folder: Path
    case: Case

    def file(self, path: str) -> Path:
        """A file that the case names."""
        return self.folder / path


def bundled_fixtures() -> Path:
    """The bundled fixtures: inside the package when installed, else beside it in the checkout."""
    package = Path(__file__).parent.parent
    inside = package / "fixtures"
    return inside if inside.is_dir() else package.parent / "fixtures"


def known_fixtures(beside: Path) -> dict[str, Path]:
    """Folder of each fixture by its name, `profile/case`; one's own win over the bundled ones.

    Args:
        beside: The folder whose `fixtures` folder is one's own.
    """
    return {
        f"{case.parent.parent.name}/{case.parent.name}": case.parent
        for root in (bundled_fixtures(), beside / "fixtures")
        for case in sorted(root.glob(f"*/*/{CASE}"))
    }


def fixtures_of(profile: str, beside: Path) -> Iterator[Fixture]:
    """All fixtures of a profile by its name, in order.

    Raises:
        InputError: One is wrong.
    """
    for name, folder in known_fixtures(beside).items():
        if name.split("/")[0] == profile:
            yield load_fixture(folder)


def fixtures_for(path: Path, beside: Path) -> list[Fixture]:
    """The fixtures of a profile by its file; where it has none, those of the nearest that it extends.

    Raises:
        InputError: A profile or a fixture is wrong.
    """
    for file in files_of(path):
        if found := list(fixtures_of(str(read_yaml(file).root.get("name", file.stem)), beside)):
            return found
    return []


def find_fixtures(name: str, beside: Path) -> list[Fixture]:
    """A fixture by its name (`profile/case`) or its folder's path; all of a profile by the profile's name.

    Raises:
        InputError: There is none, or one is wrong.
    """
    known = known_fixtures(beside)
    if name in known:
        return [load_fixture(known[name])]
    if found := list(fixtures_of(name, beside)):
        return found
    folder = beside / Path(name).expanduser()
    if (folder / CASE).is_file():
        return [load_fixture(folder)]
    near = get_close_matches(name, known, n=1)
    raise InputError(
        f"there is no fixture {name!r}",
        mend=(f"Did you mean {near[0]!r}? " if near else "") + "`sniper fixtures list` shows them.",
    )


def load_fixture(folder: Path) -> Fixture:
    """Read the case of a folder.

    Raises:
        InputError: It is missing or wrong, or names a file that is not there.
    """
    document = read_yaml(folder / CASE)
    case = validated(Case, document)
    around = folder.resolve().parent
    if case.profile != around.name:
        raise InputError(
            complaint(document, ("profile",), f"is {case.profile!r}, but the folder is in {around.name}/"),
            mend="A fixture lies in the folder of its profile.",
        )
    named = [
        *((("pages", url), path) for url, path in case.pages.items()),
        *((("answers", index, "file"), one.file) for index, one in enumerate(case.answers) if one.file),
        *([(("har",), case.har)] if case.har else []),
    ]
    for key_path, path in named:
        file = (folder / path).resolve()
        if not file.is_relative_to(around):
            raise InputError(
                complaint(document, key_path, f"{path} is not within the folder {around.name}/"),
                mend="Put what several cases share in a folder beside them.",
            )
        if not file.is_file():
            raise InputError(
                complaint(document, key_path, f"there is no file {path}"), mend="Check the path."
            )
    return Fixture(f"{around.name}/{folder.resolve().name}", folder, case)
