"""Where profiles come from: the bundled ones, a `profiles` folder beside bookings.json, or a path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sniper.documents import Document, complaint, read_yaml, validated
from sniper.errors import InputError
from sniper.sites.profile import Profile

_ENDINGS = (".yaml", ".yml")


def bundled_folder() -> Path:
    """The bundled profiles: inside the package when installed, else beside it in the checkout."""
    package = Path(__file__).parent.parent
    inside = package / "profiles"
    return inside if inside.is_dir() else package.parent / "profiles"


def find_profile(name: str, beside: Path) -> Path:
    """The file of a profile.

    Args:
        name: A profile's name, or a path (with a slash or an ending), relative to `beside`.
        beside: The folder of the file that names it; its `profiles` folder comes before the bundled ones.

    Raises:
        InputError: There is none.
    """
    if "/" in name or "\\" in name or name.endswith(_ENDINGS):
        path = beside / Path(name).expanduser()
        if path.is_file():
            return path
        raise InputError(f"{path}: there is no such profile", mend="Check the path.")
    known = dict(known_profiles(beside))
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(sorted(known))}."
    raise InputError(
        f"there is no profile {name!r} in {beside / 'profiles'} nor among the bundled ones",
        mend=f"{hint} `sniper profile list` shows them.",
    )


def known_profiles(beside: Path) -> Iterator[tuple[str, Path]]:
    """Name and file of every profile found by name; one's own come last and so win over the bundled ones."""
    for folder in (bundled_folder(), beside / "profiles"):
        if folder.is_dir():
            yield from (
                (p.stem, p) for p in sorted(folder.iterdir(), key=lambda p: p.stem) if p.suffix in _ENDINGS
            )


def reference_of(path: Path) -> str:
    """How a profile is found again from anywhere: a bundled one by its name, any other by its path."""
    path = path.resolve()
    return path.stem if path.parent == bundled_folder().resolve() else str(path)


def referred(reference: str) -> Path:
    """The file of a profile that `reference_of` has named.

    Raises:
        InputError: It is not there any more.
    """
    path = Path(reference)
    if not path.is_absolute():
        path = bundled_folder() / f"{reference}.yaml"
    if path.is_file():
        return path
    raise InputError(
        f"{path}: there is no such profile any more", mend="Put it back, or remove what needs it."
    )


def load_profile(path: Path) -> Profile:
    """Read a profile and those it extends.

    Raises:
        InputError: A file is missing or wrong.
    """
    return validated(Profile, read_extended(path))


def left_to_others(path: Path) -> str:
    """What a profile leaves to those that extend it, in words; nothing for one that a site can be booked by.

    Raises:
        InputError: The file is missing or wrong.
    """
    example = read_yaml(path).root.get("example")
    return ", ".join(example) if isinstance(example, dict) else ""


def files_of(path: Path) -> Iterator[Path]:
    """The files that a profile is made of: its own, and those it extends.

    Raises:
        InputError: A file is missing or wrong.
    """
    document: Document | None = read_extended(path)
    while document is not None:
        yield document.path
        document = document.base


def laid_over(path: Path, changes: dict[str, Any]) -> Document:
    """A profile's document, what it extends filled in, with changes as a profile that extends it has them.

    Raises:
        InputError: A file is missing or wrong.
    """
    base = read_extended(path)
    return Document(path, _merged(base.root, changes), base=base)


def read_extended(path: Path, extending: tuple[Path, ...] = ()) -> Document:
    """The document with what it `extends` filled in: mappings are merged, anything else is replaced.

    The `example` of a profile counts where it is read by itself; who extends it says these things anew.

    Raises:
        InputError: A file is missing or wrong, or profiles extend each other in a circle.
    """
    document = read_yaml(path)
    parent = document.root.pop("extends", None)
    example = document.root.pop("example", None)
    if example is not None and not extending:
        document = replace(document, root=_merged(document.root, example))
    if parent is None:
        return document
    if not isinstance(parent, str):
        raise InputError(complaint(document, ("extends",), "must be the name or the path of one profile"))
    if path.resolve() in extending:
        raise InputError(
            complaint(document, ("extends",), "profiles extend each other in a circle"),
            mend="Take one `extends` out.",
        )
    beside = path.parent.parent if path.parent.name == "profiles" else path.parent
    try:
        found = _parent(parent, path, beside)
    except InputError as error:
        raise InputError(complaint(document, ("extends",), str(error)), mend=error.mend) from None
    base = read_extended(found, (*extending, path.resolve()))
    return replace(document, root=_merged(base.root, document.root), base=base)


def _parent(name: str, path: Path, beside: Path) -> Path:
    found = find_profile(name, beside)
    if found.resolve() != path.resolve():
        return found
    # One's own profile may carry the name of the bundled one it extends.
    bundled = bundled_folder() / path.name
    if bundled.resolve() == path.resolve() or not bundled.is_file():
        raise InputError("a profile cannot extend itself", mend="Name another one, or take the line out.")
    return bundled


def _merged(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {key: _merged(base.get(key), over[key]) if key in over else base[key] for key in base | over}
    return over
