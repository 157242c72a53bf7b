"""What a file is, by its header alone: a LoRA for which base, or what else."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from engine.errors import BadLoraFile
from engine.formats import FORMATS
from engine.formats.claim import Claim, Module
from engine.formats.endings import Algorithm
from engine.formats.findings import Findings
from engine.formats.header import Header, read_header, read_header_from
from engine.formats.hints import base_hints, chosen
from engine.formats.layout import layout_of
from engine.formats.metadata import positive, said
from engine.formats.nature import Kind, kind_of, recommended_weight, sub_family
from engine.formats.pairs import common_rank, main_algorithm, measured
from engine.formats.strangers import is_language, is_sequence, named_by_tensors, whole_network
from engine.formats.triggers import FoundTrigger, find_triggers

Decision = Literal["accept", "ask", "reject"]

FOLDED: frozenset[Algorithm] = frozenset(
    {"lora", "locon", "dora", "loha", "lokr", "full", "oft", "boft", "glora", "ia3"}
)
"""Algorithms whose layers the workers can apply; others are refused by name."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything that names, shapes and metadata say about a file."""

    verdict: Decision
    is_lora: bool
    base: str | None = None
    """A base, `ambiguous:a|b`, or None when unknown."""
    alternatives: tuple[str, ...] = ()
    """The bases that an ambiguous file fits."""
    sub_family: str | None = None
    format: str | None = None
    """The format's row; for what is not a LoRA, what it is (`checkpoint`, `vae`, ...)."""
    algorithm: Algorithm | None = None
    kind: Kind = "lora"
    rank: int | None = None
    alphas: tuple[str | float | None, ...] = ()
    """Each layer's alpha: a scalar's tensor key, a value, or None where the file is silent."""
    told_alpha: float | None = None
    """The alpha of the training settings, of use where the layers have none."""
    triggers: tuple[FoundTrigger, ...] = ()
    recommended_weight: float | None = None
    title: str = ""
    layers: int = 0
    """How many layers the file changes, by its own count."""
    asides: int = 0
    """How many of these are norms and biases alone, which are told and not applied."""
    evidence: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    build: Callable[[], tuple[Module, ...]] = field(default=tuple, repr=False, compare=False)

    @property
    def modules(self) -> tuple[Module, ...]:
        """The layers as canonical modules (a fused layer counts as several): what is applied."""
        return self.build()


def identify(path: Path) -> Identity:
    """Read the header and decide; a file that can't be read is rejected with the reason."""
    try:
        return identity_of(read_header(path), path.stem)
    except BadLoraFile as error:
        return refused(error)
    except OSError as error:
        return Identity("reject", False, problems=(f"It can't be read: {error.strerror}.",))


def refused(error: BadLoraFile) -> Identity:
    """What is known of a file whose header is not read."""
    problems = error.facts["problems"]
    told = problems if isinstance(problems, tuple) else ()
    return Identity("reject", is_lora=False, problems=told)


def modules_of(name: str, data: bytes) -> tuple[Module, ...]:
    """The canonical modules of a file in memory, for who applies it.

    Raises `BadLoraFile` (facts `file`, `verdict`, `problems`) unless it is a LoRA that can be
    applied; an ambiguous base is no hindrance, its canonical modules are the same for all.
    """
    header = read_header_from(io.BytesIO(data), len(data), name)
    identity = identity_of(header)
    if identity.verdict == "reject":
        what = f"a {identity.algorithm} file" if identity.algorithm else "not a LoRA"
        raise BadLoraFile(file=name, verdict=what, problems=identity.problems)
    return identity.modules


def identity_of(header: Header, stem: str = "", told: Mapping[str, str] | None = None) -> Identity:
    """Decide by a header that was read.

    `stem` is the file's name, of use only for its kind; `told` is what files beside it say
    (`sidecars`), which counts after the header's own metadata.
    """
    metadata = {**(told or {}), **{key: value for key, value in header.metadata.items() if value}}
    stranger = whole_network(header.tensors)
    if stranger is not None:
        return _stranger(stranger.format, stranger.title)
    for name in FORMATS:
        verdict = FORMATS.get(name).claim(header)
        if isinstance(verdict, Claim):
            return _of_claim(verdict, metadata, stem, _embeddings(header))
    return _unclaimed(header)


def verdicts(header: Header) -> dict[str, Claim]:
    """Every format that does not say "not mine", for the test that there is never more than one."""
    found = {name: FORMATS.get(name).claim(header) for name in FORMATS}
    return {name: claim for name, claim in found.items() if isinstance(claim, Claim)}


def _embeddings(header: Header) -> list[str]:
    """Names of the text embeddings that a file carries (`bundle_emb.<name>.<encoder>`)."""
    names = (key.split(".")[1] for key in header.tensors if key.startswith("bundle_emb."))
    return list(dict.fromkeys(names))


def _of_claim(
    claim: Claim, metadata: Mapping[str, str], stem: str, embeddings: Sequence[str]
) -> Identity:
    choice = chosen(claim.bases, base_hints(metadata), claim.partial)
    base = _base_text(choice.bases)
    asks, rejects = list(claim.problems), list(claim.refusals)
    if len(choice.bases) > 1:
        told = " and ".join(choice.bases)
        asks.append(f"Its layers fit {told} alike: say which one it was made for.")
    if base is None and not rejects:
        rejects, asks = [*asks], []
    if claim.algorithm not in FOLDED:
        rejects.append(_refusal(claim.algorithm))
    decision: Decision = "reject" if rejects else "ask" if asks else "accept"
    return Identity(
        verdict=decision,
        is_lora=True,
        base=base,
        alternatives=choice.bases if len(choice.bases) > 1 else (),
        sub_family=sub_family(choice.bases, claim, metadata),
        format=claim.format,
        algorithm=claim.algorithm,
        kind=kind_of(metadata, stem, claim),
        rank=claim.rank,
        alphas=claim.alphas,
        told_alpha=positive(said(metadata, "ss_network_alpha")),
        triggers=find_triggers(metadata, embeddings),
        recommended_weight=recommended_weight(metadata),
        title=said(metadata, "modelspec.title")[:100],
        layers=claim.layers,
        asides=claim.asides,
        build=claim.build,
        evidence=(*_proof(claim, choice.bases), *choice.evidence),
        problems=(*rejects, *asks, *choice.problems),
    )


def _proof(claim: Claim, bases: Sequence[str]) -> tuple[str, ...]:
    """How much of the file speaks for the answer."""
    if not bases:
        return ()
    named = " or ".join(bases)
    return (f"{claim.layers - claim.asides} layers have the names and widths of {named}.",)


def _base_text(bases: Sequence[str]) -> str | None:
    if not bases:
        return None
    return bases[0] if len(bases) == 1 else f"ambiguous:{'|'.join(bases)}"


def _refusal(algorithm: Algorithm) -> str:
    works = ", ".join(sorted(FOLDED))
    return f"It is a {algorithm} file. A file of one of these would work: {works}."


def _unclaimed(header: Header) -> Identity:
    """A file that no format claims: a LoRA in a foreign naming, or something else."""
    layout = layout_of(header)
    if layout.changes and (is_language(layout.layers) or is_sequence(layout.layers)):
        return _stranger("peft-llm", "a LoRA of a language or speech network, not of pictures")
    used = sum(len(parts) for parts in layout.layers.values())
    if used * 2 > len(header.tensors):
        pairs = measured(layout.layers, header, Findings())
        algorithm = main_algorithm(pairs)
        problem = "It looks like a LoRA, but in a way of naming layers that is not known here."
        refusals = () if algorithm in FOLDED else (_refusal(algorithm),)
        return Identity(
            "reject", True, algorithm=algorithm, rank=common_rank(pairs), layers=layout.changes,
            problems=(*refusals, problem),
        )  # fmt: skip
    stranger = named_by_tensors(header.tensors)
    if stranger is None:
        return Identity("reject", False, problems=("It is no LoRA: no layer has a LoRA's parts.",))
    return _stranger(stranger.format, stranger.title)


def _stranger(kind: str, title: str) -> Identity:
    problem = f"It is {title}: bring a LoRA, in the safetensors format."
    return Identity("reject", False, format=kind, problems=(problem,))
