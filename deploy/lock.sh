#!/usr/bin/env bash
# Writes constraints.txt from the packages of .venv, keeping its heading.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
{
    grep '^#' constraints.txt
    # torch without the name of its build, so that every machine finds its own
    .venv/bin/python -m pip freeze --all --exclude-editable |
        grep -viE '^(pip|wheel|nvidia-[a-z0-9-]+|cuda-[a-z-]+|triton)(==| @)' |
        sed -E 's/^(torch==[0-9.]+)\+.*/\1/'
    # lines for other Pythons stay as they are
    grep ';' constraints.txt || true
} | awk '!seen[$1 == "#" ? $0 : $1]++' >"$fresh"
cat "$fresh" >constraints.txt
