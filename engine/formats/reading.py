"""The steps that every format takes once it knows a file is its own: check, then resolve."""

from engine.formats.claim import Claim
from engine.formats.findings import Findings
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.pairs import Pair, common_rank, main_algorithm, measured
from engine.formats.peft_settings import PeftSettings
from engine.formats.resolve import Resolution, Where, resolve

FEW_OTHERS = 0.05
"""Up to this share of tensors may belong to no layer: they are told; more is damage."""


def claimed(format_name: str, header: Header, where: Where) -> Claim:
    """Claim a file that is this format's, with what is broken about it, if anything is."""
    layout = layout_of(header)
    settings = PeftSettings.read(header.metadata)
    findings, notes = Findings(), Findings()
    for key in layout.doubled:
        findings.add("Two tensors have one place in a layer", key)
    strays = [key for key in layout.others if not _is_understood(key, notes)]
    bad = findings if len(strays) > FEW_OTHERS * len(header.tensors) else notes
    for key in strays:
        bad.add("A tensor belongs to no layer", key)
    pairs = measured(layout.layers, header, findings)
    for pair in pairs:
        if len(pair.parts) > 2:
            for part in sorted(pair.besides):
                notes.add(_BESIDES[part], pair.name)
        if _is_of_peft(pair, header):
            findings.add(_PEFT_TURNS, pair.name)
    # Changes of norms and biases have no widths to compare.
    comparable = [pair for pair in pairs if pair.is_layer]
    found = resolve(comparable, where, settings.alpha) if comparable else Resolution(())
    for path in found.twice:
        findings.add("Two entries of the file change the same layer", path)
    refusals = findings.sentences()
    return Claim(
        format=format_name,
        algorithm=main_algorithm(pairs),
        build=tuple if refusals else found.modules,
        layers=len(pairs),
        asides=len(pairs) - len(comparable),
        bases=found.bases,
        rank=common_rank(pairs),
        alphas=tuple(settings.alpha(pair) for pair in comparable),
        problems=(*found.problems, *notes.sentences(), *settings.problems()),
        refusals=refusals,
        partial=found.partial,
        traits=found.traits,
    )


_PEFT_TURNS = (
    "It turns layers in PEFT's own way, which only its settings file tells; a LoRA, or an OFT of "
    "LyCORIS or sd-scripts, would work"
)
_BESIDES = {
    "bias": "It changes biases, which is not done here",
    "diff_b": "It changes biases, which is not done here",
    "diff_m": "It changes modulations, which is not done here",
    "norm": "It changes norms, which is not done here",
    "norm_b": "It changes norms, which is not done here",
    "set": "It sets weights, which is not done here",
    "reshape": "It widens a layer, which is not done here",
}


def _is_of_peft(pair: Pair, header: Header) -> bool:
    """Whether a layer is turned as PEFT does it: packed blocks, or a butterfly of its own."""
    blocks = pair.parts.get("oft_blocks")
    packed = blocks is not None and len(header.tensors[blocks][1]) < 3
    return packed or "boft_blocks" in pair.parts


def _is_understood(key: str, notes: Findings) -> bool:
    """Whether a tensor of no layer is one that files are known to carry."""
    if key.startswith("bundle_emb."):
        notes.add("It carries a text embedding, which is not used here", key)
        return True
    if key.endswith((".norm.query_norm.scale", ".norm.key_norm.scale")):
        notes.add(_BESIDES["norm"], key)
        return True
    return False
