"""The built Angular application: its files, and its one page for every route it knows."""

import re
from html import escape
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

# What the build names by its content: "app-7KQ2M4XZ.js".
_HASHED = re.compile(r"[-.][A-Z0-9]{8}\.\w+$")
# A browser tells how old an answer is from its Date, and the venue's clock may be far from the browser's: so
# only what never changes under its name may be kept, and all else is asked for again each time.
_KEEP = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

_NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>REHEARSAL – not built yet</title></head>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<p><strong>REHEARSAL</strong></p>
<h1>The practice site's pages are not built yet</h1>
<p>There is no <code>index.html</code> in <code>{directory}</code>.
Run <code>sniper setup</code> once to build them (it needs Node), then start the practice site again.</p>
</body></html>
"""


def is_built(directory: Path) -> bool:
    """Whether there is an application to serve."""
    return (directory / "index.html").is_file()


class AppFiles(StaticFiles):
    """Serves the files of the build, and its index page for whatever looks like a route of the app."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, check_dir=False)
        self._root = directory

    async def check_config(self) -> None:
        """Nothing to check: a build that is missing is answered with a page that says so."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; else, for a path without an extension, the app's page."""
        if path not in (".", "index.html") and (
            PurePosixPath(path).suffix or scope["method"] not in ("GET", "HEAD")
        ):
            response = await super().get_response(path, scope)
            response.headers["Cache-Control"] = _KEEP if _HASHED.search(path) else _ASK_AGAIN
            return response
        if not is_built(self._root):
            return HTMLResponse(_NOT_BUILT.format(directory=escape(str(self._root))), status_code=503)
        try:
            response = await super().get_response("index.html", scope)
        except HTTPException as error:
            if error.status_code == 404:  # taken away between the look and the read: a build is running
                return HTMLResponse(_NOT_BUILT.format(directory=escape(str(self._root))), status_code=503)
            raise
        response.headers["Cache-Control"] = _ASK_AGAIN
        return response
