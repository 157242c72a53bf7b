"""Runs the benchmarks and prints one table: `make bench`, or `python -m tests.bench NAME ...`."""

import json
import platform
import sys
from collections.abc import Sequence
from importlib import import_module

from rich.console import Console
from rich.table import Table

from tests.bench.rows import Row

BENCHES = (
    "start_up",
    "acknowledgement",
    "discord_acknowledgement",
    "worker_overhead",
    "batch",
    "shared_down",
    "trace",
    "queue_claim",
    "page_fanout",
    "identification",
    "identity_accuracy",
    "director",
    "registry_search",
)


def main(arguments: Sequence[str]) -> int:
    """Run the named benchmarks (all by default); `--json` prints a line for each row."""
    as_json = "--json" in arguments
    wanted = [name for name in arguments if not name.startswith("-")] or list(BENCHES)
    unknown = [name for name in wanted if name not in BENCHES]
    console = Console(stderr=as_json)
    if unknown:
        console.print(f"No benchmark {', '.join(unknown)}. There are: {', '.join(BENCHES)}.")
        return 2
    rows: list[Row] = []
    for name in wanted:
        with console.status(f"measuring {name} ..."):
            rows += import_module(f"tests.bench.{name}").run()
    if as_json:
        for row in rows:
            line = {field: getattr(row, field) for field in Row.__slots__}
            sys.stdout.write(json.dumps(line) + "\n")
    else:
        console.print(_table(rows))
    return 0


def _table(rows: list[Row]) -> Table:
    table = Table(title=f"Atelier benchmarks, Python {platform.python_version()}")
    for title in ("bench", "what", "figure", "against", "ratio", "aim"):
        table.add_column(title, justify="right" if title in ("figure", "ratio") else "left")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        figure = f"{row.value:.4g} {row.unit}"
        table.add_row(row.bench, row.what, figure, row.baseline, ratio, row.aim)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
