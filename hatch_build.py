"""Puts the practice site's built front end, the bundled profiles and their fixtures into a wheel.

An editable install takes all from the checkout, and builds nothing here: `sniper setup` does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndBuildHook(BuildHookInterface[Any]):
    """Builds the front end if it is missing or stale, or ends the build with one clear message."""

    def dependencies(self) -> list[str]:
        """Node.js from PyPI, for this build only, if there is something to build and no Node.js here."""
        if self.target_name != "wheel":
            return []
        with self._sniper_importable():
            from sniper.setup import frontend, node

            built = frontend.state(self._web) is frontend.FrontEnd.BUILT
            return [] if built or node.find_node() is not None else [node.WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the files are gathered; `version` is "editable" for an editable install."""
        if self.target_name != "wheel" or version != "standard":
            return
        for folder in ("profiles", "fixtures"):
            build_data["force_include"][folder] = f"sniper/{folder}"
        with self._sniper_importable():
            from sniper.errors import EnvironmentProblem
            from sniper.setup import frontend

            try:
                frontend.build(self._web, say=self.app.display_info)
            except EnvironmentProblem as error:
                self.app.abort(f"The wheel needs the practice site's front end.\n{error.explain()}")

    @property
    def _web(self) -> Path:
        return Path(self.root, "sniper", "practice", "web")

    @contextmanager
    def _sniper_importable(self) -> Iterator[None]:
        """The build has none of sniper's dependencies; the modules used here are made to do without."""
        sys.path.insert(0, self.root)
        try:
            yield
        finally:
            sys.path.remove(self.root)
