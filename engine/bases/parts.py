"""Settings and tokenizers that a single-file checkpoint lacks, written as a diffusers folder."""

import gzip
import json
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

LAYOUTS: Final = Path(__file__).resolve().parent / "layouts"
START, END = "<|startoftext|>", "<|endoftext|>"
LONGEST: Final = 77
"""Tokens of one CLIP sequence, start and end included."""


def has_parts(family: str) -> bool:
    """Whether the parts of this family come with the program."""
    return (LAYOUTS / f"{family}.json").is_file()


def write_parts(family: str, folder: Path, prediction: str = "", *, zero_snr: bool = False) -> Path:
    """A folder with all that a checkpoint of this family lacks; returns where.

    `prediction` and `zero_snr` say how the checkpoint was trained, where that is not the usual way.
    """
    layout = json.loads((LAYOUTS / f"{family}.json").read_text(encoding="utf-8"))
    scheduler = layout["files"]["scheduler/scheduler_config.json"]
    if prediction:
        scheduler["prediction_type"] = prediction
    if zero_snr:
        scheduler |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    words = [family, *([prediction] if prediction else []), *(["zsnr"] if zero_snr else [])]
    target = folder / "-".join(words)
    for name, content in layout["files"].items():
        _write_json(target / name, content)
    for name, more in layout["tokenizers"].items():
        _write_tokenizer(target / name, more)
    return target


def _write_tokenizer(folder: Path, more: Mapping[str, str]) -> None:
    merges = merge_lines()
    settings = {
        "tokenizer_class": "CLIPTokenizer", "model_max_length": LONGEST, "bos_token": START,
        "eos_token": END, "unk_token": END, "add_prefix_space": False, "errors": "replace",
    }  # fmt: skip
    _write_json(folder / "vocab.json", vocabulary(merges))
    _write(folder / "merges.txt", "\n".join(("#version: 0.2", *merges)) + "\n")
    _write_json(folder / "tokenizer_config.json", {**settings, **more})
    special = {"bos_token": START, "eos_token": END, "unk_token": END}
    _write_json(folder / "special_tokens_map.json", {**special, **more})


@cache
def merge_lines() -> tuple[str, ...]:
    """The merges of the CLIP tokenizer, in order."""
    text = gzip.decompress((LAYOUTS / "clip-merges.txt.gz").read_bytes()).decode("utf-8")
    return tuple(text.splitlines())


def vocabulary(merges: Iterable[str]) -> dict[str, int]:
    """Token -> number: bytes, bytes that end a word, what the merges make, start and end."""
    letters = _letters()
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    words += ["".join(merge.split(" ")) for merge in merges]
    return {word: number for number, word in enumerate((*words, START, END))}


def _letters() -> list[str]:
    """A printable letter for each byte, in the order of CLIP's own tokenizer."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + place) for place in range(len(others))]


def _write_json(path: Path, content: Any) -> None:
    _write(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _write(path: Path, text: str) -> None:
    """Whole or not at all: another process may read the same folder."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
