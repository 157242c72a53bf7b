"""Which files of a message belong together."""

from bot.acts.bringing import bundled
from bot.messages import Attachment


def files(*names: str) -> list[Attachment]:
    return [Attachment(name=name, size_bytes=1, handle=name) for name in names]


def sorted_in(*names: str) -> tuple[dict[str, list[str]], list[str]]:
    brought, left = bundled(files(*names))
    found = {each.file.name: [one.name for one in each.beside] for each in brought}
    return found, [each.name for each in left]


def test_companions_go_with_the_lora_of_their_name() -> None:
    found, left = sorted_in(
        "a.civitai.info", "a.safetensors", "B_2.json", "b 2.safetensors", "c.json", "a.png"
    )
    assert found == {"a.safetensors": ["a.civitai.info"], "b 2.safetensors": ["B_2.json"]}
    assert left == ["a.png", "c.json"]


def test_beside_a_single_lora_every_companion_is_its_own() -> None:
    assert sorted_in("info.json", "zib.safetensors") == ({"zib.safetensors": ["info.json"]}, [])


def test_a_companion_alone_brings_nothing() -> None:
    assert sorted_in("zib.json", "zib.png") == ({}, ["zib.png", "zib.json"])
