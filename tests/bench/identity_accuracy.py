"""How often made-up files of every base, naming and algorithm are called what they are.

The files share our understanding of the namings, but none of our tables: the layers come from
diffusers' own classes (`tests.stripped.networks`). A seed nobody tuned to is drawn each day.
"""

import datetime

from engine.formats.contents import Contents
from engine.formats.identify import Identity, identity_of
from engine.formats.inspect import common_alpha
from tests.bench.rows import Row
from tests.stripped.headers import header_of
from tests.stripped.layouts import Made, all_made


def run() -> list[Row]:
    """Shares of files that were called right; a base is right, left open, or wrong."""
    seed = datetime.datetime.now(datetime.UTC).toordinal()
    counts = dict.fromkeys(("base", "wrong", "format", "algorithm", "rank", "alpha", "triggers"), 0)
    files = found_words = right_words = 0
    for made in all_made(seed):
        files += 1
        found = identity_of(header_of(made.tensors, made.metadata))
        for what, is_so in _judged(found, made).items():
            counts[what] += is_so
        words, wanted = {each.word for each in found.triggers}, set(made.truth.triggers)
        found_words += len(words)
        right_words += len(words & wanted)
    aims = {"base": "0.95", "wrong": "0.02 at most", "triggers": "0.75"}
    rows = [
        Row("identity_accuracy", f"{what}, seed {seed}", count / files, f"of {files}",
            aim=aims.get(what, "0.98"))
        for what, count in counts.items()
    ]  # fmt: skip
    precision = right_words / max(1, found_words)
    return [*rows, Row("identity_accuracy", "precision of triggers", precision, "", aim="0.9")]


def _judged(found: Identity, made: Made) -> dict[str, bool]:
    truth = made.truth
    is_right = found.base == truth.base
    if truth.is_undecidable and truth.base in found.alternatives:
        is_right = True
    is_open = found.base is None or bool(found.alternatives)
    alpha = common_alpha(found, Contents("", scalars=made.scalars))
    return {
        "base": is_right,
        "wrong": not is_right and not is_open,
        "format": found.format == truth.format,
        "algorithm": found.algorithm == truth.algorithm,
        "rank": found.rank == truth.rank,
        "alpha": alpha == truth.alpha,
        "triggers": {each.word for each in found.triggers} == set(truth.triggers),
    }
