"""What a folder or a file holds that somebody wants as a base: headers only, nothing is run."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.bases.gguf import read_gguf
from engine.bases.single import DENOISERS, VAE_FRONTS, packed
from engine.errors import BadBase, BadLoraFile
from engine.formats.header import Header, read_header

INDEX: Final = "model_index.json"
MOST_JSON_BYTES: Final = 1 << 20
PICKLES: Final = (".bin", ".ckpt", ".pt", ".pth", ".pkl")
OFFERED: Final = (
    "a diffusers folder, a .safetensors checkpoint, a .gguf file or OWNER/NAME of a hub"
)
_WEIGHTS = re.compile(
    r"(?P<stem>diffusion_pytorch_model|model|pytorch_model)(?:\.(?P<variant>[\w-]+))?"
    r"(?:-\d{5}-of-\d{5})?(?:\.(?P<late>[\w-]+))?\.safetensors\Z"
)
_CHECKPOINT_TEXT = ("cond_stage_model.", "conditioner.", "text_encoders.")
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen: the denoiser's tensors, and what the files say of themselves."""

    path: Path
    class_name: str = ""
    """The diffusers pipeline that a folder names."""
    variant: str = ""
    shapes: Shapes = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    """Every file with weights that would be read."""
    has_text: bool = True
    has_vae: bool = True
    scheduler: Mapping[str, object] = field(default_factory=dict)
    """The settings of its own sampler; a single file has none."""
    packed: str = ""
    """How the layers of one file are packed, where nothing here unpacks it."""

    @property
    def is_folder(self) -> bool:
        """Whether it is a diffusers folder."""
        return bool(self.class_name)


def look(path: Path, variant: str = "") -> Sight:
    """Look at what may be a base; raises `BadBase` with the cure."""
    if path.is_dir():
        return _folder(path, variant)
    if not path.is_file():
        raise BadBase(base=str(path), problem="nothing is there", cure=f"Name {OFFERED}")
    if path.suffix.lower() in PICKLES:
        raise pickle_refused(path.name)
    if path.suffix == ".gguf":
        shapes = read_gguf(path)
        return Sight(path, shapes=shapes, files=(path,), has_text=False, has_vae=False)
    return _checkpoint(path)


def pickle_refused(name: str, where: str = "") -> BadBase:
    """Weights that can run code when they are opened."""
    return BadBase(
        base=where or name,
        problem=f"{name} is a pickle, which runs whatever is in it when it is opened",
        cure="Take the .safetensors of the same base: most makers offer it; else convert it on a "
        "machine that holds nothing of value",
    )


def read_json(path: Path, base: str) -> dict[str, object]:
    """A bounded JSON object; raises `BadBase`."""
    try:
        if path.stat().st_size > MOST_JSON_BYTES:
            raise ValueError("it is too long")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        problem = f"{path.name} can't be read: {type(error).__name__}"
        raise BadBase(base=base, problem=problem, cure="Download or save it anew") from error
    if not isinstance(found, dict):
        raise BadBase(base=base, problem=f"{path.name} is no object", cure="Save it anew")
    return found


# --- a diffusers folder -----------------------------------------------------------------------


def _folder(path: Path, variant: str) -> Sight:
    if not (path / INDEX).is_file():
        loose = sorted(file.name for file in path.glob("*.safetensors"))
        hint = f"; did you mean the file {loose[0]} in it?" if loose else ""
        raise BadBase(base=str(path), problem=f"it has no {INDEX}", cure=f"Name {OFFERED}{hint}")
    index = read_json(path / INDEX, str(path))
    found: list[Path] = []
    used = ""
    denoiser: tuple[Path, ...] = ()
    for name, part in sorted(index.items()):
        if not _is_part(part):
            continue
        files, own = part_files(path, name, variant)
        found += files
        if name in DENOISERS:
            denoiser, used = files, own
    if not denoiser:
        raise BadBase(
            base=str(path),
            problem="it has neither a unet nor a transformer with weights",
            cure="Fetch the whole repository, with its sub-folders",
        )
    _check_unpacked(path)
    shapes, metadata = _headers(denoiser, str(path))
    return Sight(
        path,
        class_name=str(index.get("_class_name", "")) or "?",
        variant=used,
        shapes=shapes,
        metadata=metadata,
        files=tuple(found),
        scheduler=_scheduler(path),
    )


def _scheduler(path: Path) -> dict[str, object]:
    config = path / "scheduler" / "scheduler_config.json"
    return read_json(config, str(path)) if config.is_file() else {}


def _check_unpacked(path: Path) -> None:
    """Refuse a denoiser that is packed in a way whose package is no part of an installation."""
    for name in DENOISERS:
        config = path / name / "config.json"
        told = read_json(config, str(path)) if config.is_file() else {}
        packed = told.get("quantization_config")
        if isinstance(packed, dict):
            raise BadBase(
                base=str(path),
                problem=f"its {name} is packed by {str(packed.get('quant_method', '?'))[:40]}, "
                "whose package is not part of Atelier",
                cure="Take the unpacked base, with --dtype fp8 where memory is short, or its GGUF",
            )


def _is_part(part: object) -> bool:
    """Whether an entry of the index is a part that is loaded: the library's name and a class."""
    return (
        isinstance(part, list)
        and len(part) == 2
        and part[0] in ("diffusers", "transformers")
        and isinstance(part[1], str)
    )


def part_files(folder: Path, part: str, variant: str) -> tuple[tuple[Path, ...], str]:
    """Weight files of a part, and the variant that they are; empty for parts without weights."""
    place = folder / part
    if not place.is_dir():
        raise BadBase(
            base=str(folder),
            problem=f"{INDEX} names {part}, and there is no such folder",
            cure="Fetch the whole repository, with its sub-folders",
        )
    by_variant: dict[str, list[Path]] = {}
    for file in sorted(place.glob("*.safetensors")):
        match = _WEIGHTS.match(file.name)
        if match:
            by_variant.setdefault(match["variant"] or match["late"] or "", []).append(file)
    if not by_variant:
        return _without_weights(place, part, folder), ""
    wanted = variant if variant in by_variant else ("" if "" in by_variant else min(by_variant))
    return tuple(by_variant[wanted]), wanted


def _without_weights(place: Path, part: str, folder: Path) -> tuple[Path, ...]:
    """Nothing to read: fine for a tokenizer or scheduler, else refused by name."""
    bad = next((file for file in sorted(place.iterdir()) if file.suffix in PICKLES), None)
    if bad is not None:
        raise pickle_refused(f"{part}/{bad.name}", str(folder))
    if (place / "config.json").is_file():
        raise BadBase(
            base=str(folder),
            problem=f"{part} has no weights",
            cure="Fetch its .safetensors files, too",
        )
    return ()


# --- one file ---------------------------------------------------------------------------------


def _checkpoint(path: Path) -> Sight:
    header = _header(path, path.name)
    shapes = {name: tensor.shape for name, tensor in header.tensors.items()}
    return Sight(
        path,
        shapes=shapes,
        metadata=header.metadata,
        files=(path,),
        has_text=any(name.startswith(_CHECKPOINT_TEXT) for name in shapes),
        has_vae=any(name.startswith(VAE_FRONTS) for name in shapes),
        packed=packed({name: (each.dtype, each.shape) for name, each in header.tensors.items()}),
    )


def _headers(files: tuple[Path, ...], base: str) -> tuple[Shapes, Mapping[str, str]]:
    """Shapes of all tensors in these files, and what the first says of itself."""
    shapes: dict[str, tuple[int, ...]] = {}
    metadata: Mapping[str, str] = {}
    for file in files:
        header = _header(file, base)
        metadata = metadata or header.metadata
        shapes |= {name: tensor.shape for name, tensor in header.tensors.items()}
    return shapes, metadata


def _header(file: Path, base: str) -> Header:
    try:
        return read_header(file)
    except BadLoraFile as error:
        told = error.facts.get("verdict")
        raise BadBase(
            base=base,
            problem=f"{file.name} is not a whole safetensors file ({told})",
            cure="Download it anew",
        ) from error
