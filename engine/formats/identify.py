"""What a file is, by its header alone: a LoRA for which base, or what else."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from engine.errors import BadLoraFile
from engine.formats import FORMATS
from engine.formats.claim import Broken, Claim, Module, NotMine
from engine.formats.endings import KOHYA, PEFT, Algorithm, any_algorithm, split
from engine.formats.header import Header, read_header, read_header_from
from engine.formats.hints import base_hints, chosen
from engine.formats.metadata import said
from engine.formats.nature import kind_of, recommended_weight, sub_family
from engine.formats.pairs import grouped
from engine.formats.strangers import named_by_tensors
from engine.formats.triggers import FoundTrigger, find_triggers

Decision = Literal["accept", "ask", "reject"]

FOLDED: frozenset[Algorithm] = frozenset({"lora", "locon"})
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
    kind: str = "lora"
    rank: int | None = None
    triggers: tuple[FoundTrigger, ...] = ()
    recommended_weight: float | None = None
    title: str = ""
    layers: int = 0
    """How many layers the file changes, by its own count."""
    modules: tuple[Module, ...] = ()
    """The same as canonical modules (a fused layer counts as several); what a worker applies."""
    evidence: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())


def identify(path: Path) -> Identity:
    """Read the header and decide; a file that can't be read is rejected with the reason."""
    try:
        return identity_of(read_header(path), path.stem)
    except BadLoraFile as error:
        problems = error.facts["problems"]
        told = problems if isinstance(problems, tuple) else ()
        return Identity("reject", is_lora=False, problems=told)
    except OSError as error:
        return Identity("reject", False, problems=(f"It can't be read: {error.strerror}.",))


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


def identity_of(header: Header, stem: str = "") -> Identity:
    """Decide by a header that was read; `stem` is the file's name, of use only for its kind."""
    for name in FORMATS:
        verdict = FORMATS.get(name).claim(header)
        if isinstance(verdict, Claim):
            return _of_claim(verdict, header, stem)
        if isinstance(verdict, Broken):
            return Identity(
                "reject",
                is_lora=True,
                format=verdict.format,
                algorithm=verdict.algorithm,
                layers=0,
                problems=verdict.problems,
            )
    return _unclaimed(header)


def verdicts(header: Header) -> dict[str, Claim | Broken]:
    """Every format that does not say "not mine", for the test that there is never more than one."""
    found = {name: FORMATS.get(name).claim(header) for name in FORMATS}
    return {name: v for name, v in found.items() if not isinstance(v, NotMine)}


def _of_claim(claim: Claim, header: Header, stem: str) -> Identity:
    choice = chosen(claim.bases, base_hints(header.metadata))
    base = _base_text(choice.bases)
    asks, rejects = list(claim.problems), []
    if len(choice.bases) > 1:
        told = " and ".join(choice.bases)
        asks.append(f"Its layers fit {told} alike: say which one it was made for.")
    if base is None:
        asks, rejects = [], [*asks]
    if claim.algorithm not in FOLDED:
        rejects.append(_refusal(claim.algorithm))
    decision: Decision = "reject" if rejects else "ask" if asks else "accept"
    return Identity(
        verdict=decision,
        is_lora=True,
        base=base,
        alternatives=choice.bases if len(choice.bases) > 1 else (),
        sub_family=sub_family(base, claim, header.metadata),
        format=claim.format,
        algorithm=claim.algorithm,
        kind=kind_of(header.metadata, stem),
        rank=claim.rank,
        triggers=find_triggers(header.metadata),
        recommended_weight=recommended_weight(header.metadata),
        title=said(header.metadata, "modelspec.title")[:100],
        layers=claim.layers,
        modules=claim.modules,
        evidence=choice.evidence,
        problems=(*rejects, *asks, *choice.problems),
    )


def _base_text(bases: Sequence[str]) -> str | None:
    if not bases:
        return None
    return bases[0] if len(bases) == 1 else f"ambiguous:{'|'.join(bases)}"


def _refusal(algorithm: Algorithm) -> str:
    names = {"loha": "LoHa", "lokr": "LoKr", "glora": "GLoRA", "ia3": "(IA)³", "dora": "DoRA"}
    names |= {"full": "full-difference (diff)", "oft": "OFT", "boft": "BOFT"}
    name = names.get(algorithm, algorithm)
    return f"It is a {name} file; LoRA and LoCon are what can be used."


def _unclaimed(header: Header) -> Identity:
    """A file that no format claims: a LoRA in a foreign naming, or something else."""
    layers, _ = grouped(header.tensors, lambda key: split(key, PEFT) or _kohya_split(key))
    if layers and 2 * sum(len(parts) for parts in layers.values()) > len(header.tensors):
        stranger = named_by_tensors(header.tensors)
        if stranger is None or stranger.format != "peft-llm":
            algorithm = any_algorithm(layers.values())
            problem = "It looks like a LoRA, but in a way of naming layers that is not known here."
            refusals = () if algorithm in FOLDED else (_refusal(algorithm),)
            return Identity(
                "reject", True, algorithm=algorithm, layers=len(layers),
                problems=(*refusals, problem),
            )  # fmt: skip
    stranger = named_by_tensors(header.tensors)
    if stranger is None:
        return Identity("reject", False, problems=("It is no LoRA: no layer has a LoRA's parts.",))
    return Identity("reject", False, format=stranger.format, problems=(f"It is {stranger.title}.",))


def _kohya_split(key: str) -> tuple[str, str] | None:
    found = split(key, KOHYA)
    return None if found is None or found[1] == "ia3" else found
