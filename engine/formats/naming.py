"""What each base's layers are called in files: names are looked up in tables, never guessed at."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from engine.families.architectures.clip import Clip
from engine.families.architectures.t5 import T5
from engine.families.facts import TextPart
from engine.families.known import denoiser_part, fingerprints
from engine.families.layers import Architecture, Layer, NativeLayer, Piece
from engine.formats.places import Place, without_levels


@dataclass(frozen=True, slots=True)
class Meant:
    """What a name means for some bases: a layer, and the canonical paths behind it."""

    layer: Layer
    pieces: tuple[Piece, ...]
    bases: int
    """One bit for each base, in the order of `bases()`."""


_Key = TypeVar("_Key", bound=Hashable)
_LIKE_TEXT = re.compile(r"(text_model|model|language_model|encoder|layers)\.")


@cache
def bases() -> tuple[str, ...]:
    """Every base, in the order of its bits."""
    return tuple(fingerprints())


def meant_by(place: Place) -> tuple[Meant, ...]:
    """All that a name may mean, for whichever base; empty when no base has it."""
    if place.network == "denoiser":
        return denoiser_index(place.is_flat).get(place.name, ())
    if place.network != "any":
        return text_index(place.is_flat).get((place.network, place.name), ())
    found = denoiser_index(place.is_flat).get(place.name, ())
    if found or not _LIKE_TEXT.match(place.name):
        return found
    key = "text_encoder", without_levels(place.name)
    return text_index(place.is_flat).get(key, ())


@cache
def denoiser_index(is_flat: bool) -> Mapping[str, tuple[Meant, ...]]:
    """Every name of every denoiser's layer, dotted or with underscores for dots."""
    return _gathered(
        (number, name.replace(".", "_") if is_flat else name, native)
        for number, base in enumerate(bases())
        for name, native in denoiser_names(base).items()
    )


@cache
def text_index(is_flat: bool) -> Mapping[tuple[str, str], tuple[Meant, ...]]:
    """The same for text encoders, with what files call the encoder."""
    return _gathered(
        (number, (network, name.replace(".", "_") if is_flat else name), native)
        for number, base in enumerate(bases())
        for network, name, native in text_names(base)
    )


def _gathered(
    names: Iterable[tuple[int, _Key, NativeLayer]],
) -> Mapping[_Key, tuple[Meant, ...]]:
    """Meanings by name; bases for which a name means the same share one."""
    found: dict[_Key, list[Meant]] = {}
    for number, name, native in names:
        meanings = found.setdefault(name, [])
        for place, meant in enumerate(meanings):
            if meant.layer == native.layer and meant.pieces == native.pieces:
                meanings[place] = Meant(meant.layer, meant.pieces, meant.bases | 1 << number)
                break
        else:
            meanings.append(Meant(native.layer, native.pieces, 1 << number))
    return MappingProxyType({name: tuple(meanings) for name, meanings in found.items()})


def names_of(base: str) -> Iterator[tuple[str, str, NativeLayer]]:
    """Network, name and layer: all names that the layers of a base have in files."""
    for name, native in denoiser_names(base).items():
        yield "denoiser", name, native
    yield from text_names(base)


def text_names(base: str) -> Iterator[tuple[str, str, NativeLayer]]:
    """The same for its text encoders alone."""
    texts = fingerprints()[base].text
    for place, (part, text) in enumerate(texts.items()):
        networks = _networks(part, text, place, len(texts))
        for path, layer in text.layers().items():
            native = NativeLayer(layer, (Piece(f"{part}.{path}"),))
            for network in networks:
                yield network, without_levels(path), native


@cache
def denoiser_names(base: str) -> Mapping[str, NativeLayer]:
    """Names of the denoiser's layers: diffusers', and those of the base's own code."""
    denoiser = fingerprints()[base].denoiser
    if denoiser is None:
        return MappingProxyType({})
    part = denoiser_part(base)
    found: dict[str, NativeLayer] = {}
    for path, layer in denoiser.layers().items():
        found[path] = NativeLayer(layer, (Piece(f"{part}.{path}"),))
        if path.endswith(".to_out.0"):
            # A list with one layer in diffusers; some writers leave the 0 out.
            found[path.removesuffix(".0")] = found[path]
    for name, native in denoiser.native().items():
        pieces = tuple(Piece(f"{part}.{piece.path}", piece.rows) for piece in native.pieces)
        found.setdefault(name, NativeLayer(native.layer, pieces))
    return MappingProxyType(found)


def _networks(part: TextPart, text: Architecture, place: int, count: int) -> list[str]:
    """What files call this text encoder: diffusers', kohya's, ComfyUI's names for it.

    Kohya: `te` where there is one, else numbered; T5 is number three wherever it stands (FLUX.1:
    CLIP-L is te1, T5 is te3, by some te2).
    """
    found = [part, f"te{place + 1}"]
    if count == 1:
        found.append("te")
    if isinstance(text, T5):
        found += ["te3"] if place != 2 else []
        return [*found, "t5xxl"]
    if isinstance(text, Clip):
        comfy = {768: "clip_l", 1024: "clip_h", 1280: "clip_g"}
        return [*found, comfy.get(text.width, "clip")]
    return [*found, "llm"]
