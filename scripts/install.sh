#!/bin/sh
# Makes .venv and installs sniper into it with the given extra: `practice` for a demonstration, `dev` for the tests.
#
# Quick when there is nothing to do: what was installed is noted in .venv, under a key of all that decides it.
# `dev` holds `practice`, and neither takes the other away.
set -eu

cd "$(dirname "$0")/.."
extra=$1
venv=.venv
python=$venv/bin/python

key=$( (pwd && cat pyproject.toml constraints.txt hatch_build.py) | cksum | tr ' ' '-')
noted() { [ -f "$venv/.sniper-$1-$key" ]; }

if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 &&
    { noted "$extra" || noted dev; }; then
    exit 0
fi
# Made anew if it is missing, if its Python has gone or is too old, or if it was interrupted before it had pip.
if ! "$python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    base=$(sh scripts/find-python.sh)
    echo "Making $venv with $base" >&2
    "$base" -m venv --clear "$venv"
fi

echo "Installing sniper and its packages into $venv (a minute, the first time)" >&2
# An editable install builds no front end, so it need not fetch what builds one: `sniper setup` follows.
if ! HATCH_BUILD_NO_HOOKS=true "$python" -m pip install --quiet --disable-pip-version-check --no-input \
    --constraint constraints.txt --editable ".[$extra]"; then
    echo "pip could not install the packages: see above. It needs PyPI, or another index that pip is set up for." >&2
    exit 3
fi
rm -f "$venv"/.sniper-*-*
: >"$venv/.sniper-$extra-$key"
