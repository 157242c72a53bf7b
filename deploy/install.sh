#!/usr/bin/env bash
# Brings .venv up to one set of packages:  deploy/install.sh EXTRAS STAMP
# Run by the Makefile. Settings: PYTHON (the interpreter to use), TORCH_INDEX (see `make help`).
set -euo pipefail
cd "$(dirname "$0")/.."

extras=$1
stamp=$2

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
        >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        if fits "$PYTHON"; then
            echo "$PYTHON"
            return
        fi
        echo "PYTHON=$PYTHON is not a Python from 3.11 to 3.13." >&2
        exit 1
    fi
    for candidate in python3.11 python3.12 python3.13 python3 python; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Atelier needs Python 3.11, 3.12 or 3.13, and none is on the path." >&2
    echo "Install one, or name it:  make install PYTHON=/path/to/python3.11" >&2
    exit 1
}

if ! { fits .venv/bin/python && .venv/bin/python -c 'import pip' 2>/dev/null; }; then
    python=$(find_python)
    echo "Making .venv with $("$python" -V)"
    if ! "$python" -m venv --clear .venv; then
        echo "Python could not make a virtual environment. On Debian and Ubuntu:" >&2
        echo "apt install python3-venv, then run this again." >&2
        exit 1
    fi
fi

pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input)
torch=$(grep '^torch==' constraints.txt)
if [ -n "${TORCH_INDEX:-}" ] && [[ $extras == *engine* ]]; then
    # Without its own requirements: those come, locked, from the ordinary index below.
    "${pip[@]}" install --quiet --no-deps --index-url "$TORCH_INDEX" "$torch"
fi

echo "Installing atelier[$extras] (the first time takes a few minutes)"
"${pip[@]}" install --quiet --constraint constraints.txt --editable ".[$extras]"
# Stamps of an older pyproject.toml or lock say nothing any more.
find .venv -maxdepth 1 -name '.installed-*' ! -name "*-${stamp##*-}" -delete
touch "$stamp"
