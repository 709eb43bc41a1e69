#!/bin/sh
# Prints the path of a Python that can make the virtual environment: 3.11 or later, with venv and pip.
#
# PYTHON names one to use instead of looking. On Debian and Ubuntu, where venv is a package of its own, that package
# is installed if we are root or may use sudo without a password; otherwise the command to type is printed.
set -eu

OLDEST="3.11"

say() { printf '%s\n' "$*" >&2; }

# Run it, rather than believe its name: a version manager leaves commands on PATH that only print an error.
fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
makes_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }
version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }
path() { "$1" -c 'import sys; print(sys.executable)'; }

if [ -n "${PYTHON:-}" ]; then
    if ! fits "$PYTHON"; then
        say "PYTHON=$PYTHON is not a Python $OLDEST or later that runs."
        exit 3
    fi
    candidates=$PYTHON
else
    candidates="python3 python3.14 python3.13 python3.12 python3.11 python"
fi

without_venv=""
for name in $candidates; do
    command -v "$name" >/dev/null 2>&1 || continue
    fits "$name" || continue
    if makes_venv "$name"; then
        path "$name"
        exit 0
    fi
    without_venv=${without_venv:-$name}
done

if [ -z "$without_venv" ]; then
    say "sniper needs Python $OLDEST or later, and there is none on PATH."
    if command -v apt-get >/dev/null 2>&1; then
        say "Install one:  sudo apt-get update && sudo apt-get install python3 python3-venv"
    elif command -v brew >/dev/null 2>&1; then
        say "Install one:  brew install python@3.13"
    else
        say "Install one from your system's packages or from python.org."
    fi
    say "If there is one elsewhere:  make PYTHON=/path/to/python3 …"
    exit 3
fi

package="python$(version "$without_venv")-venv"
mend="apt-get update && apt-get install --yes $package"
if command -v apt-get >/dev/null 2>&1; then
    root=none
    if [ "$(id -u)" -eq 0 ]; then
        root=""
    elif command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1; then
        root="sudo -n"
    fi
    if [ "$root" != none ]; then
        say "Python's venv is missing: installing $package …"
        $root apt-get update --quiet >&2 </dev/null || true
        $root env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes "$package" >&2 </dev/null || true
        if makes_venv "$without_venv"; then
            path "$without_venv"
            exit 0
        fi
    fi
    say "Python $(version "$without_venv") is here, but not its venv. Install it:"
    say "    sudo sh -c '$mend'"
else
    say "$(path "$without_venv") has no venv or no ensurepip. Install a complete Python $OLDEST or later,"
    say "or name another one:  make PYTHON=/path/to/python3 …"
fi
exit 3
