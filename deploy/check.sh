#!/usr/bin/env bash
# Every check of the house style that a program can make. Runs all, then says which failed.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

failed=()
run() {
    local name=$1
    shift
    echo "== $name"
    "$@" || failed+=("$name")
}

# Fails with the lines that match, and says why they may not be there.
never() {
    local why=$1 pattern=$2
    shift 2
    if git grep --untracked -nE "$pattern" -- "$@"; then
        echo "   $why"
        return 1
    fi
}

house_rules() {
    local bad=0
    never "one place owns each value: pass it in" '^\s*global ' 'bot/*.py' 'engine/*.py' || bad=1
    never "no pickle is ever opened" \
        '^\s*(import|from) (pickle|dill|joblib|shelve)\b|(^|[^.[:alnum:]_])torch\.load\(' \
        'bot/*.py' 'engine/*.py' || bad=1
    never "name the module for what it holds" '.' \
        ':(glob)bot/**/utils.py' ':(glob)bot/**/helpers.py' ':(glob)bot/**/common.py' \
        ':(glob)bot/**/manager.py' ':(glob)engine/**/utils.py' ':(glob)engine/**/helpers.py' \
        ':(glob)engine/**/common.py' ':(glob)engine/**/manager.py' || bad=1
    if [ -n "$(find tests -name __init__.py)" ]; then
        echo "   tests/ holds no __init__.py: it would hide discord and telegram"
        bad=1
    fi
    return $bad
}

run "format" ruff format --check --quiet .
run "lint" ruff check --quiet .
run "types" mypy
run "import contracts" lint-imports --no-cache --no-logo
run "house rules" house_rules
run "translations" env PYTHONPATH="$PWD" python -m bot.texts

echo
if [ ${#failed[@]} -gt 0 ]; then
    printf 'Failed: %s\n' "${failed[*]}"
    exit 1
fi
echo "All checks hold."
