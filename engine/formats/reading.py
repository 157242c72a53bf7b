"""The steps that every format takes once it knows a file is its own: group, check, resolve."""

from collections import Counter
from collections.abc import Callable

from engine.formats.claim import Broken, Claim
from engine.formats.endings import any_algorithm
from engine.formats.findings import Findings
from engine.formats.header import Header
from engine.formats.naming import Names
from engine.formats.pairs import Pair, common_rank, grouped, main_algorithm, measured
from engine.formats.resolve import Alpha, resolve

Split = Callable[[str], tuple[str, str] | None]


def alpha_key(pair: Pair) -> str | None:
    """The layer's own alpha tensor, if it has one."""
    return pair.parts.get("alpha")


def claimed(
    format_name: str,
    header: Header,
    split: Split,
    names: Callable[[str], Names],
    alpha: Alpha = alpha_key,
) -> Claim | Broken:
    """Claim a file that is this format's, or say what is broken about it."""
    layers, others = grouped(header.tensors, split)
    findings = Findings()
    for key in others:
        findings.add(_kind_of_other(key), key)
    pairs = measured(layers, header, findings)
    algorithm = main_algorithm(pairs)
    if not pairs:
        algorithm = any_algorithm(layers.values())
    if findings:
        return Broken(format_name, algorithm, findings.sentences())
    # Changes of norms and biases have no widths to compare.
    comparable = [pair for pair in pairs if pair.algorithm != "full" or pair.inputs is not None]
    resolution = resolve(comparable, names, alpha)
    twice = [
        path for path, count in Counter(m.path for m in resolution.modules).items() if count > 1
    ]
    for path in twice:
        findings.add("Two entries of the file change the same layer", path)
    if findings:
        return Broken(format_name, algorithm, findings.sentences())
    return Claim(
        format=format_name,
        algorithm=algorithm,
        modules=resolution.modules,
        layers=len(pairs),
        bases=resolution.bases,
        rank=common_rank(pairs),
        problems=resolution.problems,
    )


def _kind_of_other(key: str) -> str:
    if key.startswith("bundle_emb."):
        return "It carries a text embedding, which is not supported"
    return "A tensor belongs to no layer"
