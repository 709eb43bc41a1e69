"""The Makefile's search for a Python, on machines made of shell scripts."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "find-python.sh"
SH = shutil.which("sh") or "/bin/sh"
BROKEN = "#!/bin/sh\necho 'no such version is selected' >&2\nexit 127\n"


@dataclass
class Host:
    """A PATH with the given commands and nothing else."""

    bin: Path
    env: dict[str, str] = field(default_factory=dict)

    def program(self, name: str, content: str) -> None:
        file = self.bin / name
        file.write_text(content)
        file.chmod(0o755)

    def python(self, name: str, version: str, *, venv: bool | str = True) -> None:
        """A Python of that version; `venv` may be a condition in shell."""
        minor = int(version.split(".")[1])
        has_venv = venv if isinstance(venv, str) else "true" if venv else "false"
        self.program(
            name,
            f"""#!/bin/sh
case "$2" in
  *sys.exit*) [ {minor} -ge 11 ] ;;
  *ensurepip*) {has_venv} ;;
  *executable*) echo "/found/{name}" ;;
  *print*) echo {version} ;;
esac
""",
        )

    def apt(self, *, installs: bool) -> None:
        done = self.bin / "venv-installed"
        act = f': > "{done}"' if installs else "true"
        self.program("apt-get", f'#!/bin/sh\ncase "$*" in *install*) echo "apt-get $*"; {act} ;; esac\n')

    def find(self) -> subprocess.CompletedProcess[str]:
        command = [SH, str(SCRIPT)]
        env = {"PATH": str(self.bin), **self.env}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.fixture
def host(tmp_path: Path) -> Host:
    made = Host(tmp_path / "bin")
    made.bin.mkdir()
    made.program("id", "#!/bin/sh\necho 1000\n")
    real_env = shutil.which("env")
    assert real_env is not None
    (made.bin / "env").symlink_to(real_env)
    return made


def test_python3_is_taken_if_it_will_do(host: Host) -> None:
    host.python("python3", "3.12")
    host.python("python3.14", "3.14")
    assert host.find().stdout == "/found/python3\n"


def test_a_newer_one_is_taken_if_python3_is_old(host: Host) -> None:
    host.python("python3", "3.9")
    host.python("python3.11", "3.11")
    host.python("python3.13", "3.13")
    assert host.find().stdout == "/found/python3.13\n"


def test_a_command_that_only_prints_an_error_is_passed_over(host: Host) -> None:
    host.program("python3", BROKEN)
    host.program("python3.13", BROKEN)
    host.python("python3.12", "3.12")
    assert host.find().stdout == "/found/python3.12\n"


def test_one_with_venv_is_preferred(host: Host) -> None:
    host.python("python3", "3.12", venv=False)
    host.python("python3.11", "3.11")
    assert host.find().stdout == "/found/python3.11\n"


def test_none_is_told_with_the_mend(host: Host) -> None:
    host.python("python3", "3.9")
    done = host.find()
    assert (done.returncode, done.stdout) == (3, "")
    assert "needs Python 3.11 or later" in done.stderr
    host.apt(installs=True)
    assert "sudo apt-get install python3 python3-venv" in host.find().stderr


def test_the_named_one_is_used_and_no_other(host: Host) -> None:
    host.python("python3", "3.12")
    host.python("special", "3.13")
    host.env["PYTHON"] = "special"
    assert host.find().stdout == "/found/special\n"
    host.env["PYTHON"] = "missing"
    done = host.find()
    assert done.returncode == 3
    assert "PYTHON=missing is not a Python 3.11 or later that runs" in done.stderr


def test_a_missing_venv_is_installed_as_root(host: Host) -> None:
    host.program("id", "#!/bin/sh\necho 0\n")
    host.python("python3", "3.11", venv=f"[ -f {host.bin / 'venv-installed'} ]")
    host.apt(installs=True)
    done = host.find()
    assert (done.returncode, done.stdout) == (0, "/found/python3\n")
    assert "apt-get install --quiet --yes python3.11-venv" in done.stderr


def test_a_missing_venv_is_installed_with_sudo_if_it_asks_for_no_password(host: Host) -> None:
    host.python("python3", "3.11", venv=f"[ -f {host.bin / 'venv-installed'} ]")
    host.apt(installs=True)
    host.program("sudo", '#!/bin/sh\nshift\n"$@"\n')
    assert host.find().stdout == "/found/python3\n"


@pytest.mark.parametrize("root", [True, False])
def test_a_missing_venv_that_cannot_be_installed_is_told_with_the_command(host: Host, root: bool) -> None:
    host.program("id", f"#!/bin/sh\necho {0 if root else 1000}\n")
    host.python("python3", "3.11", venv=False)
    host.apt(installs=False)
    done = host.find()
    assert (done.returncode, done.stdout) == (3, "")
    assert "sudo sh -c 'apt-get update && apt-get install --yes python3.11-venv'" in done.stderr


def test_a_missing_venv_without_apt_is_told(host: Host) -> None:
    host.python("python3", "3.11", venv=False)
    assert "/found/python3 has no venv" in host.find().stderr
