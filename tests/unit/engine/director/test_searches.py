"""Searches keep to the kind and the base that their words name."""

from collections.abc import Callable

import pytest

from engine.messages import Reading, Search

Read = Callable[..., Reading]
XL = {
    "Film Grain", "Ink Wash", "flat_anime_v2", "Ghostly Anime", "Watercolour Dreams",
    "Beautiful Faces", "Detail Slider",
}  # fmt: skip
STYLES = {
    "Neon", "Linocut", "Mosaic", "Ink Wash", "flat_anime_v2", "Ghostly Anime", "Watercolour Dreams",
}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("list all characters", {"Captain Brass", "Mira", "Rose", "Zib"}),
        ("which characters do you have", {"Captain Brass", "Mira", "Rose", "Zib"}),
        ("show me lighting looks", {"Golden Hour"}),
        ("what styles are there for miniature", {"Linocut", "Mosaic", "Neon"}),
        ("what effects fit sdxl?", {"Film Grain"}),
        ("show me effects for flux", set()),
        ("which lights do you have", {"Golden Hour"}),
        ("everything you've got for sdxl", XL),
        ("anything for xl?", XL),
        ("sdxl styles", XL - {"Film Grain", "Beautiful Faces", "Detail Slider"}),
        ("what sliders are there", {"Detail Slider"}),
        ("was f\u00fcr stile hast du", STYLES),
        ("que estilos tienes", STYLES),
    ],
)
def test_a_search_keeps_to_kind_and_base(read: Read, words: str, found: set[str]) -> None:
    reading = read(words)

    assert reading.intent.kind == "search"
    assert set(reading.results) == found


def test_a_search_for_a_kind_alone_says_the_kind(read: Read) -> None:
    assert read("show me all styles").intent == Search(kinds=("style",))
