"""Find the browser a run uses, and the options to launch it with.

Nothing here starts a process or a Playwright: it is called from inside the event loop, and has to be quick.
Browsers are really started in `install.verify`, which notes in the state folder how that went.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sniper.errors import EnvironmentProblem
from sniper.paths import state_dir

BROWSER_VARIABLE = "SNIPER_BROWSER"
NOTES_FILE = "browsers.json"
_OURS = "SNIPER_"
MEND = (
    "Run `sniper setup` to install one, install Chromium, Chrome or Edge yourself,\n"
    f"or set {BROWSER_VARIABLE} to the path or command name of one."
)

# Names on PATH, the most open first.
COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
)
MAC_APPS = (
    "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
WINDOWS_PROGRAMS = (
    "Chromium/Application/chrome.exe",
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
# Inside Playwright's folder for one revision of Chromium; the folder's name differs by system and release.
PLAYWRIGHT_EXECUTABLES = (
    "chrome-linux*/chrome",
    "chrome-mac*/*.app/Contents/MacOS/*",
    "chrome-win*/chrome.exe",
)

# Chromium goes by the last `--disable-features` alone: what Playwright leaves out has to stand here again.
_LEFT_OUT_BY_PLAYWRIGHT = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
    "msEdgeUpdateLaunchServicesPreferredVersion",
    "msForceBrowserSignIn",
)
FEATURES_LEFT_OUT = (
    *_LEFT_OUT_BY_PLAYWRIGHT,
    # A new frame in the page's process for each document, also of the site that is there already: with it, a
    # document takes a quarter more of a processor's time (docs/benchmarks.md).
    "RenderDocument",
    # A process started ahead for the site that may come next: one more for each page that is signed in.
    "SpareRendererForSitePerProcess",
    # Two pages of the browser's own behind the address bar, which it loads for every context, shown or not: a
    # process more for each account, and half a second of a processor.
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
)

ARGUMENTS = (
    # A run parks many pages, and only one window can be in front: without these, Chromium slows the timers
    # of all the others down to one tick a second, and the opening is missed.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    # Quiet: nothing else asks for the network or the processor at the opening.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    # One kind of connection, which can be warmed up and timed.
    "--disable-quic",
    "--disable-features=" + ",".join(FEATURES_LEFT_OUT),
)


class BrowserKind(StrEnum):
    """Where a browser comes from."""

    CHOSEN = "chosen"
    PLAYWRIGHT = "playwright"
    INSTALLED = "installed"


@dataclass(frozen=True)
class Browser:
    """A Chromium-based browser on this machine. `version` is None until it has been started once."""

    path: Path
    kind: BrowserKind
    version: str | None = None

    @property
    def name(self) -> str:
        file = self.path.name.lower()
        if self.kind is BrowserKind.PLAYWRIGHT:
            return "Chromium"
        return "Edge" if "edge" in file else "Chrome" if "chrome" in file else "Chromium"

    def describe(self) -> str:
        origin = {
            BrowserKind.CHOSEN: f"chosen by {BROWSER_VARIABLE}",
            BrowserKind.PLAYWRIGHT: "Playwright's own",
            BrowserKind.INSTALLED: "installed",
        }[self.kind]
        return f"{self.name} {self.version or '(not started yet)'}, {origin}, {self.path}"


@dataclass(frozen=True)
class Note:
    """What starting a browser once told."""

    fingerprint: str
    works: bool
    sandbox: bool = False
    version: str | None = None


def find_browser() -> Browser:
    """The browser to use, by order of preference: SNIPER_BROWSER, Playwright's own, an installed one.

    Those that `sniper setup` could not start are passed over, unless SNIPER_BROWSER asks for one.
    Raises EnvironmentProblem when there is none.
    """
    chosen = chosen_browser()
    if chosen is not None:
        return chosen
    notes = read_notes()
    broken = []
    for browser in candidates():
        note = _note_for(browser, notes)
        if note is None or note.works:
            return browser
        broken.append(str(browser.path))
    if broken:
        raise EnvironmentProblem(f"No browser that starts: {', '.join(broken)} failed.", mend=MEND)
    raise EnvironmentProblem("No browser was found.", mend=MEND)


def launch_options(
    headless: bool, browser: Browser | None = None, *, hidden: Collection[str] = ()
) -> dict[str, Any]:
    """Keyword arguments for Playwright's `chromium.launch`, for the browser that `find_browser` finds.

    Its processes run the scripts of other people's pages: they get neither our own environment variables, the
    vault's key among them, nor those that are `hidden`.
    """
    browser = browser or find_browser()
    options: dict[str, Any] = {
        "headless": headless,
        "env": _environment_without({name.upper() for name in hidden}),
        "args": list(ARGUMENTS),
        "chromium_sandbox": sandbox_works(browser),
    }
    # Of Playwright's own the whole Chromium, also without windows: the headless shell, which it takes unless
    # told otherwise, draws frames while a page fires, and is half as late again (docs/benchmarks.md).
    if browser.kind is BrowserKind.PLAYWRIGHT:
        options["channel"] = "chromium"
    else:
        options["executable_path"] = str(browser.path)
    return options


def _environment_without(hidden: Collection[str]) -> dict[str, str]:
    # Windows does not tell large letters from small ones.
    return {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(_OURS) and name.upper() not in hidden
    }


def sandbox_works(browser: Browser) -> bool:
    """Whether this browser can be started in Chromium's sandbox; when not, Playwright adds `--no-sandbox`.

    It is kept wherever it works, because pages of other people's sites run in this browser, signed in.
    """
    if not sys.platform.startswith("linux"):
        return True
    if is_root():
        return False  # Chromium refuses to start as root in a sandbox.
    note = _note_for(browser, read_notes())
    if note is not None and note.works:
        return note.sandbox
    # Not tried yet. The sandbox needs user namespaces, which containers and some kernels deny.
    if _in_a_container():
        return False
    if _kernel_setting("kernel/unprivileged_userns_clone") == "0":
        return False
    if _kernel_setting("user/max_user_namespaces") == "0":
        return False
    # Ubuntu 23.10 and later allow them only to programs known by path; Playwright's own is not one.
    restricted = _kernel_setting("kernel/apparmor_restrict_unprivileged_userns") == "1"
    return not (restricted and browser.kind is not BrowserKind.INSTALLED)


def is_root() -> bool:
    """Whether we run as root. Always False where there is no such thing."""
    return sys.platform != "win32" and os.geteuid() == 0


def chosen_browser() -> Browser | None:
    """The browser that SNIPER_BROWSER names: a path, or the name of a command. None when it is not set."""
    value = os.environ.get(BROWSER_VARIABLE, "").strip()
    if not value:
        return None
    mend = f"Set {BROWSER_VARIABLE} to the path or command name of a Chromium, Chrome or Edge, or unset it."
    found = shutil.which(str(Path(value).expanduser()))
    if found is None:
        path = Path(value).expanduser()
        if path.is_dir():
            why = "is a folder, not a program"
        elif path.is_file():
            why = "is not executable"
        else:
            why = "is neither a file nor a command on PATH"
        raise EnvironmentProblem(f"{BROWSER_VARIABLE}={value} {why}.", mend=mend)
    path = Path(found).absolute()
    return _with_version(Browser(path, BrowserKind.CHOSEN))


def candidates() -> Iterator[Browser]:
    """Every browser on this machine, best first, SNIPER_BROWSER aside."""
    own = playwright_chromium()
    if own is not None:
        yield own
    seen: set[Path] = set()
    for path in _installed_paths():
        real = path.resolve()
        if real not in seen:
            seen.add(real)
            yield _with_version(Browser(path, BrowserKind.INSTALLED))


def playwright_chromium() -> Browser | None:
    """Playwright's own Chromium, if the very revision that this Playwright wants has been downloaded.

    Asking Playwright takes half a second and, from its sync API, must not happen inside an event loop;
    its list of revisions is a small file, so we read that.
    """
    package = _playwright_package()
    if package is None:
        return None
    try:
        listed = json.loads((package / "browsers.json").read_text(encoding="utf-8"))["browsers"]
        entry = next(item for item in listed if item["name"] == "chromium")
        folder = _playwright_folder(package) / f"chromium-{entry['revision']}"
    except (OSError, ValueError, KeyError, StopIteration, TypeError):
        return None
    if not (folder / "INSTALLATION_COMPLETE").is_file():
        return None
    for pattern in PLAYWRIGHT_EXECUTABLES:
        for path in sorted(folder.glob(pattern)):
            return Browser(path, BrowserKind.PLAYWRIGHT, entry.get("browserVersion"))
    return None


def _playwright_package() -> Path | None:
    spec = importlib.util.find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "driver" / "package"


def _playwright_folder(package: Path) -> Path:
    """The same answer as Playwright's registry gives."""
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen == "0":
        return package / ".local-browsers"
    if chosen:
        return Path(os.environ.get("INIT_CWD") or Path.cwd()) / chosen
    if sys.platform == "darwin":
        cache = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        cache = Path(local) if local else Path.home() / "AppData" / "Local"
    else:
        xdg = os.environ.get("XDG_CACHE_HOME")
        cache = Path(xdg) if xdg else Path.home() / ".cache"
    return cache / "ms-playwright"


def _installed_paths() -> Iterator[Path]:
    for name in COMMANDS:
        found = shutil.which(name)
        if found is not None and not _is_snap_stub(Path(found)):
            yield Path(found).absolute()
    if sys.platform == "darwin":
        for root in (Path("/Applications"), Path.home() / "Applications"):
            yield from (root / app for app in MAC_APPS if (root / app).is_file())
    elif sys.platform == "win32":
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
            base = os.environ.get(variable)
            if base:
                yield from (
                    Path(base) / program for program in WINDOWS_PROGRAMS if (Path(base) / program).is_file()
                )


def _is_snap_stub(path: Path) -> bool:
    """Ubuntu's `chromium-browser` package holds no browser, only a script that asks for the snap."""
    try:
        if path.stat().st_size > 64_000:
            return False
        text = path.read_bytes()
    except OSError:
        return False
    return b"snap install chromium" in text


def _in_a_container() -> bool:
    return Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()


def _kernel_setting(name: str) -> str | None:
    try:
        return (Path("/proc/sys") / name).read_text(encoding="ascii").strip()
    except OSError:
        return None


def _notes_file() -> Path:
    return state_dir() / NOTES_FILE


def read_notes() -> dict[str, Note]:
    """What starting browsers has told, by path. Empty when nothing has, or the file is damaged."""
    try:
        raw = json.loads(_notes_file().read_text(encoding="utf-8"))
        return {path: Note(**fields) for path, fields in raw.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write_note(browser: Browser, note: Note) -> None:
    """Remember what starting `browser` told. Where the state folder cannot be written to, forget it."""
    notes = read_notes() | {str(browser.path): note}
    target = _notes_file()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(
            json.dumps({path: asdict(n) for path, n in notes.items()}, indent=2), encoding="utf-8"
        )
        draft.replace(target)
    except OSError:
        return


def fingerprint(path: Path) -> str:
    """Changes when the browser is updated."""
    stat = path.stat()
    return f"{stat.st_mtime_ns}:{stat.st_size}"


def verified_before(browser: Browser) -> bool:
    """Whether this browser, as it is now, has been started with success."""
    note = _note_for(browser, read_notes())
    return note is not None and note.works


def _note_for(browser: Browser, notes: dict[str, Note]) -> Note | None:
    note = notes.get(str(browser.path))
    try:
        return note if note is not None and note.fingerprint == fingerprint(browser.path) else None
    except OSError:
        return None


def _with_version(browser: Browser) -> Browser:
    note = _note_for(browser, read_notes())
    return Browser(browser.path, browser.kind, note.version) if note is not None else browser
