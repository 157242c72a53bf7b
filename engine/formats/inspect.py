"""One file's whole examination: header, then its bytes once; the line of `atelier inspect`."""

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from engine.errors import BadLoraFile
from engine.formats.contents import Contents, read_contents, sha256_of
from engine.formats.findings import short
from engine.formats.header import Header, read_header
from engine.formats.identify import Identity, identify, identity_of, refused
from engine.formats.layout import layout_of
from engine.formats.sidecars import told_beside
from engine.messages import Message, Sha256, TriggerRole

_LAST = frozenset({"up", "hada_w1_a", "lokr_w1", "lokr_w1_a", "diff", "glora_b1"})
"""Parts without which a layer changes nothing."""


_WITHOUT_ALPHA = frozenset({"full", "ia3"})
"""Nothing is divided by a rank there, whatever the training settings say."""


class Inspection(Message):
    """The line of `atelier inspect`, with evidence in plain words."""

    file: str
    verdict: Literal["accept", "ask", "reject"]
    is_lora: bool
    base: str | None = None
    alternatives: tuple[str, ...] = ()
    sub_family: str | None = None
    format: str | None = None
    algorithm: str | None = None
    kind: str = "lora"
    rank: int | None = None
    alpha: float | None = None
    triggers: tuple[str, ...] = ()
    trigger_roles: tuple[TriggerRole, ...] = ()
    """Of each trigger: required, optional, or one of several to pick."""
    recommended_weight: float | None = None
    modules: int = 0
    """Layers that the file changes, as the file counts them."""
    sha256: Sha256 | None = None
    problems: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def inspect(
    path: Path, name: str | None = None, told: Mapping[str, str] | None = None
) -> Inspection:
    """Examine a file; it may be anything at all: what is wrong is told, never raised.

    One that is kept under another name than it came by is called `name`, and `told` is what files
    beside it said (`sidecars`); otherwise they are looked for where the file is.
    """
    found = _examined(path, path.stem if name is None else Path(name).stem, told)
    return found if name is None else found.model_copy(update={"file": name})


def _examined(path: Path, stem: str, told: Mapping[str, str] | None) -> Inspection:
    try:
        header = read_header(path)
    except BadLoraFile as error:
        return _line(path, refused(error), Contents(_hash_if_readable(path) or ""))
    except OSError:
        return _line(path, identify(path), Contents(""))
    identity = identity_of(header, stem, told_beside(path) if told is None else told)
    alphas = {alpha for alpha in identity.alphas if isinstance(alpha, str)}
    try:
        contents = read_contents(path, header, alphas)
    except OSError as error:
        return _line(path, identity, Contents(""), (f"It can't be read: {error.strerror}.",))
    return _line(path, identity, contents, _content_problems(identity, header, contents))


def _line(
    path: Path, identity: Identity, contents: Contents, problems: tuple[str, ...] = ()
) -> Inspection:
    evidence = [f"{found.word}: {found.evidence}" for found in identity.triggers]
    return Inspection(
        # Names on disk need not be text; in JSON they must be.
        file=str(path).encode("utf-8", "backslashreplace").decode(),
        verdict="reject" if problems else identity.verdict,
        is_lora=identity.is_lora,
        base=identity.base,
        alternatives=identity.alternatives,
        sub_family=identity.sub_family,
        format=identity.format,
        algorithm=identity.algorithm,
        kind=identity.kind,
        rank=identity.rank,
        alpha=common_alpha(identity, contents),
        triggers=tuple(found.word for found in identity.triggers),
        trigger_roles=tuple(found.role for found in identity.triggers),
        recommended_weight=identity.recommended_weight,
        modules=identity.layers,
        sha256=Sha256(contents.sha256) if contents.sha256 else None,
        problems=(*problems, *identity.problems),
        evidence=(*identity.evidence, *evidence),
    )


def _content_problems(identity: Identity, header: Header, contents: Contents) -> tuple[str, ...]:
    """What the numbers themselves forbid."""
    problems = []
    if contents.not_finite:
        first = short(contents.not_finite[0])
        problems.append(f"It holds numbers that are infinite or not numbers at all: {first}.")
    layers = layout_of(header).layers.values()
    ups = {key for parts in layers for part, key in parts.items() if part in _LAST}
    if ups and ups <= contents.zero:
        problems.append("All its layers are zero: it would change nothing.")
    for key, value in contents.scalars.items():
        if not math.isfinite(value) or value <= 0:
            problems.append(f"An alpha is not a positive number: {short(key)}.")
            break
    return tuple(problems)


def common_alpha(identity: Identity, contents: Contents) -> float | None:
    """The most common alpha, read from its tensor where the file has one."""
    values: Counter[float] = Counter()
    for alpha in identity.alphas:
        value = contents.scalars.get(alpha) if isinstance(alpha, str) else alpha
        if value is not None and math.isfinite(value):
            values[value] += 1
    if not values and identity.algorithm in _WITHOUT_ALPHA:
        return None
    if not values:
        # The training settings tell it; every engine takes a silent file's factor for one.
        silent = None if identity.rank is None else float(identity.rank)
        return identity.told_alpha or silent
    return max(values, key=lambda value: (values[value], value))


def _hash_if_readable(path: Path) -> str | None:
    """SHA-256 of what is not safetensors, so that the same file is known again."""
    try:
        return sha256_of(path) if path.is_file() else None
    except (OSError, ValueError):
        return None
