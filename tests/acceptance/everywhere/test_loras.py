"""A LoRA from somebody's hands into everybody's pictures, the same on every platform."""

import json
import struct
from pathlib import Path

import pytest

from bot.messages import Level
from tests.acceptance.everywhere.conftest import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")
ZIB = Path(__file__).parents[3] / "engine" / "miniature" / "loras" / "zib.safetensors"


def lora(name: str) -> bytes:
    """A LoRA for the miniature that nobody has seen yet, with a trigger of its own."""
    data = ZIB.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"] |= {
        "modelspec.title": name,
        "modelspec.trigger_phrase": name.casefold(),
        "ss_output_name": name.casefold(),
        "ss_tag_frequency": json.dumps({f"10_{name}": {name.casefold(): 120}}),
    }
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % 8)
    return struct.pack("<Q", len(told)) + told + data[8 + size :]


async def test_from_a_file_to_a_picture(scene: Scene) -> None:
    mo = await scene.person("Mo", Level.MODERATOR)
    await mo.brings("Quill.safetensors", lora("Quill"))
    await mo.sees("Quill", "waits for a moderator")
    await mo.uses("lora", action="review")
    await mo.sees("Quill waits for you", "Made for miniature", pictures=1, buttons=("approve",))
    await mo.presses("approve")
    await mo.sees("Quill is approved", buttons=("take it back",))
    ada = await scene.person()
    await ada.says("Quill on a blue background")
    shown = await ada.sees("Quill", "seed", pictures=1)
    plan = (await scene.town.job(shown.job)).plan
    assert [each.name for each in plan.loras] == ["Quill"]
    assert plan.prompt.startswith("Quill")


async def test_a_file_is_turned_down_and_its_sender_is_told_why(scene: Scene) -> None:
    mo = await scene.person("Mo", Level.MODERATOR)
    await mo.brings("Plume.safetensors", lora("Plume"))
    await mo.sees("Plume", "waits for a moderator")
    await mo.says("/lora review")
    await mo.sees("Plume waits for you", pictures=1)
    if scene.can.has_forms:
        await mo.fills("reject", reason="it is too blurred")
        why = "it is too blurred"
    else:
        await mo.presses("no: quality")
        why = "it does not work well enough"
    await mo.sees("“Plume” was turned down", why)
    await mo.says("Plume on a blue background")
    shown = await mo.sees("seed", pictures=1)
    assert (await scene.town.job(shown.job)).plan.loras == ()


async def test_a_member_neither_adds_nor_decides(scene: Scene) -> None:
    if not scene.can.is_shared:
        pytest.skip("one person alone, who is the host")
    ada = await scene.person()
    await ada.uses("lora", action="review")
    await ada.sees("You can't review looks here", "to be a moderator")
    await ada.says("/lora add")
    await ada.sees("You can't add looks here", "to be a moderator")


async def test_a_file_that_is_no_lora_is_refused_by_name(scene: Scene) -> None:
    mo = await scene.person("Mo", Level.MODERATOR)
    await mo.brings("broken.safetensors", b"not a lora at all")
    await mo.sees("I can't take", "broken", "Send the LoRA itself")
