"""The recipe inside a picture: people's text in the A1111 layout, and the exact plan as JSON.

PNG chunks after W3C PNG (third edition), section 11.3.3: `tEXt` and uncompressed `iTXt`.
A1111's layout is what its `infotext` writes: prompt, `Negative prompt:`, then `Name: value, ...`.
"""

import json
import struct
from collections.abc import Iterator

from pydantic import ValidationError

from engine.messages import Plan

TEXT_KEY = "parameters"
PLAN_KEY = "atelier"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
PLAN_BYTES = 1 << 20
"""A plan is a few kB; a longer one is not ours."""
HASH_CHARS = 12
SEEDS = 2**63


def seed_of(seed: int, index: int) -> int:
    """The seed of the n-th image of a plan; wraps within what a plan may hold."""
    return (seed + index) % SEEDS


def plan_of_image(plan: Plan, index: int) -> Plan:
    """The plan that makes the n-th image of `plan`, and only it."""
    turned = plan.variation
    if turned is not None:
        turned = turned.model_copy(update={"seed": seed_of(turned.seed, index)})
    stays = turned is not None and turned.keeps_seed
    seed = plan.seed if stays else seed_of(plan.seed, index)
    return plan.model_copy(update={"seed": seed, "count": 1, "variation": turned})


def parameters_text(plan: Plan) -> str:
    """The recipe of one image as other programs read it."""
    tags = "".join(f" <lora:{_tag(lora.name)}:{lora.weight:g}>" for lora in plan.loras)
    facts = {
        "Steps": str(plan.steps),
        "Sampler": plan.scheduler,
        "CFG scale": f"{plan.guidance:g}",
        "Seed": str(plan.seed),
        "Size": f"{plan.width}x{plan.height}",
        "Model": plan.base,
    }
    if plan.clip_skip > 1:
        facts["Clip skip"] = str(plan.clip_skip)
    if plan.variation is not None:
        facts["Variation seed"] = str(plan.variation.seed)
        facts["Variation seed strength"] = f"{plan.variation.strength:g}"
        if plan.variation.before:
            turns = (f"{turn.seed}:{turn.strength:g}" for turn in plan.variation.before)
            facts["Earlier variations"] = " ".join(turns)
    hashes = [
        f"{_tag(lora.name)}: {lora.sha256[:HASH_CHARS]}" for lora in plan.loras if lora.sha256
    ]
    if hashes:
        facts["Lora hashes"] = ", ".join(hashes)
    facts["Version"] = "Atelier"
    lines = [plan.prompt + tags]
    if plan.negative_prompt:
        lines.append(f"Negative prompt: {plan.negative_prompt}")
    lines.append(", ".join(f"{name}: {_quoted(value)}" for name, value in facts.items()))
    return "\n".join(lines)


def plan_text(plan: Plan) -> str:
    """The whole plan, as `read_recipe` reads it back."""
    return plan.model_dump_json()


def read_recipe(png: bytes) -> Plan | None:
    """The plan inside a PNG of ours; None when there is none that can be believed."""
    for kind, body in _chunks(png):
        if kind == b"iTXt" and (text := _plan_chunk(body)) is not None:
            try:
                return Plan.model_validate_json(text)
            except ValidationError:
                return None
    return None


def _tag(name: str) -> str:
    """A name inside `<lora:...>` and the hash list, where these letters would end it."""
    return "".join(" " if letter in "<>:,\n" else letter for letter in name)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if set(value) & set(",:\n") else value


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of every chunk; stops at the first that is cut off."""
    if not png.startswith(SIGNATURE):
        return
    at = len(SIGNATURE)
    while at + 12 <= len(png):
        size, kind = struct.unpack_from(">I4s", png, at)
        body = png[at + 8 : at + 8 + size]
        if len(body) < size:
            return
        yield kind, body
        at += 12 + size


def _plan_chunk(body: bytes) -> bytes | None:
    """The text of an uncompressed iTXt chunk under our key: key, 0, 0, 0, language, 0, title, 0."""
    start = PLAN_KEY.encode() + b"\0\0\0"
    if not body.startswith(start) or len(body) > PLAN_BYTES:
        return None
    parts = body[len(start) :].split(b"\0", 2)
    return parts[2] if len(parts) == 3 else None
