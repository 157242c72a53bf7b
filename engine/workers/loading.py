"""Reads a base into memory in the form that people have it: folder, checkpoint, GGUF.

Local files only, no code from them, safetensors or GGUF, never a pickle; diffusers does the
reading. How its numbers are held and what stays on the device is a `Fit` of the memory there is.
"""

import contextlib
import importlib.util
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import diffusers
import safetensors
import torch
import transformers
from diffusers.loaders.single_file_utils import SingleFileComponentError
from torch import nn

from engine.bases.looking import INDEX, pickle_refused, read_json
from engine.bases.single import DENOISERS, OPTIONAL, class_of, fronts, has_weights, lacking
from engine.errors import BadBase, BaseBroken
from engine.families.facts import Family
from engine.families.footprint import Fit
from engine.messages import Base
from engine.workers import devices, single_file
from engine.workers.layers import HOME
from engine.workers.pipelines import pipeline_class
from engine.workers.pipelines.pipeline import Pipeline

QUIET = (
    # transformers and diffusers on newer versions of each other and of torch
    r".*torch_dtype.*deprecated.*",
    r".*requires torchvision.*",
    # AutoencoderTiny: the pipeline needs the entry that the class calls unused
    r".*block_out_channels.*",
    # diffusers' schedulers on older configurations
    r".*steps_offset.*",
    r".*clip_sample.*",
    r".*is not compatible with.*",
    # Chroma in diffusers 0.42 takes its own old road
    r".*FluxPosEmbed.*deprecated.*",
)
"""Start of warnings that loading a sound base may cause."""
NEEDS_GGUF = "the package `gguf` is not installed: pip install gguf (make install brings it)"
STORED_IN_EIGHT_BITS = torch.float8_e4m3fn
Parts = Any
"""A diffusers pipeline; diffusers ships no types."""


def load(base: Base, family: Family, device: torch.device, fit: Fit | None = None) -> Pipeline:
    """Read a base and put it where the fit says; raises `BaseBroken` for missing or damaged files.

    Without a fit, one is chosen for the device.
    """
    check_files(base)
    fit = fit or devices.fit_of(base, family, device)
    dtype = devices.dtype_of(fit.numbers, device)
    kind: Any = getattr(diffusers, family.diffusers_class)
    try:
        with quiet():
            parts = FORMS[base.form](base, kind, dtype)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError,
            SingleFileComponentError, safetensors.SafetensorError) as error:  # fmt: skip
        # RuntimeError is also how torch says "out of memory", which is no damage.
        if "out of memory" in str(error):
            raise
        first_line = str(error).strip().split("\n", 1)[0][:300]
        problem = f"{type(error).__name__}: {first_line}"
        raise BaseBroken(base=base.name, problem=problem) from error
    parts.set_progress_bar_config(disable=True)
    place(parts, family, device, fit, dtype)
    return pipeline_class(family.pipeline)(parts, device, dtype)


def check_files(base: Base) -> None:
    """Raise `BaseBroken` when there is no base at all, before anything is dropped for it."""
    if not (Path(base.folder) / INDEX).is_file():
        raise BaseBroken(base=base.name, problem=f"no {INDEX} in its folder")
    if not base.file:
        return
    if not Path(base.file).is_file():
        raise BaseBroken(base=base.name, problem="its file is gone")
    if base.form == "single-file" and not base.file.endswith(".safetensors"):
        refusal = pickle_refused(Path(base.file).name)
        raise BaseBroken(base=base.name, problem=str(refusal.facts["problem"]))
    if base.form == "gguf" and importlib.util.find_spec("gguf") is None:
        raise BaseBroken(base=base.name, problem=NEEDS_GGUF)


# --- the forms --------------------------------------------------------------------------------


def _from_folder(base: Base, kind: Any, dtype: torch.dtype, **given: Any) -> Parts:
    variant = {"variant": base.variant} if base.variant else {}
    return kind.from_pretrained(
        Path(base.folder),
        dtype=dtype,
        local_files_only=True,
        use_safetensors=True,
        **_without_checker(kind),
        **variant,
        **given,
    )


def _from_checkpoint(base: Base, kind: Any, dtype: torch.dtype) -> Parts:
    """What the file brings; all else from the folder beside it."""
    index, folder = _index(base), Path(base.folder)
    _check_parts(base, index)
    given = single_file.parts_of(Path(base.file), folder, index, dtype)
    for part in OPTIONAL & set(fronts(index)) - set(given):
        if not has_weights(folder, part):
            given[part] = None
    return _from_folder(base, kind, dtype, **given)


def _from_gguf(base: Base, kind: Any, dtype: torch.dtype) -> Parts:
    """Weights stay as they are in the file and are unpacked where a layer is run."""
    index = _index(base)
    name = next(part for part in DENOISERS if part in index)
    own: Any = getattr(diffusers, class_of(index, name))
    denoiser = own.from_single_file(
        base.file, config=base.folder, subfolder=name, dtype=dtype, local_files_only=True,
        quantization_config=diffusers.GGUFQuantizationConfig(compute_dtype=dtype),
    )  # fmt: skip
    return _from_folder(base, kind, dtype, **{name: denoiser})


FORMS: Mapping[str, Callable[..., Parts]] = {
    "folder": _from_folder,
    "single-file": _from_checkpoint,
    "gguf": _from_gguf,
}


def _index(base: Base) -> dict[str, Any]:
    try:
        return read_json(Path(base.folder) / INDEX, base.name)
    except BadBase as error:
        raise BaseBroken(base=base.name, problem=str(error.facts["problem"])) from error


def _check_parts(base: Base, index: Mapping[str, object]) -> None:
    """Raise `BaseBroken` when a part is neither in the file nor in the folder any more."""
    with safetensors.safe_open(base.file, "pt") as tensors:
        names = tuple(tensors.keys())
    gone = [part for part in lacking(names, index, Path(base.folder)) if part not in OPTIONAL]
    if gone:
        problem = f"no weights for {', '.join(gone)} in its file, nor in {base.folder}"
        raise BaseBroken(base=base.name, problem=problem)


def _without_checker(kind: Any) -> dict[str, object]:
    """A checker would blacken pictures behind the back of the space's own rules."""
    if "safety_checker" not in kind.__init__.__annotations__:
        return {}
    return {"safety_checker": None, "requires_safety_checker": False}


# --- where the parts stay ---------------------------------------------------------------------


def place(parts: Parts, family: Family, device: torch.device, fit: Fit, dtype: torch.dtype) -> None:
    """Numbers in eight bits, tiles, and which parts stay on the device."""
    if fit.numbers == "fp8":
        _shrink(getattr(parts, family.denoiser), dtype)
    if fit.tiles_vae:
        for switch in ("enable_tiling", "enable_slicing"):
            if hasattr(parts.vae, switch):
                getattr(parts.vae, switch)()
    if fit.offload == "none":
        parts.to(device)
        return
    for part in (each for each in parts.components.values() if isinstance(each, nn.Module)):
        for layer in _layers_of(part):
            setattr(layer, HOME, device)
    if fit.offload == "model":
        parts.enable_model_cpu_offload(device=device)
    else:
        parts.enable_sequential_cpu_offload(device=device)


def _shrink(denoiser: Any, dtype: torch.dtype) -> None:
    """Keep weights in one byte a number, and say what LoRAs beside them are held in."""
    denoiser.enable_layerwise_casting(storage_dtype=STORED_IN_EIGHT_BITS, compute_dtype=dtype)
    for layer in _layers_of(denoiser):
        layer.compute_dtype = dtype


def _layers_of(part: nn.Module) -> Iterator[Any]:
    return (each for each in part.modules() if isinstance(each, nn.Linear | nn.Conv2d))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """While inside, loading prints no bars and no warnings of the known harmless kinds."""
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with warnings.catch_warnings():
        for message in QUIET:
            warnings.filterwarnings("ignore", message=message)
        yield
