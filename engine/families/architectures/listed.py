"""A network written down layer by layer, for those that nobody draws with here.

The lists come from the genuine diffusers classes on the meta device, which a test holds them
against. A line is `path inputs outputs [kernel]`; `0-39` in a path stands for as many blocks. A
native name is a line `its path = path`, with `*` for the block's number, `a + b` for a layer that
holds several one below the other, and `~` for one whose halves stand the other way round.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from engine.families.layers import Layer, NativeLayer, Piece, halves_swapped, stacked

_NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")
_RANGE = re.compile(r"(?<=\.)0-(\d+)(?=\.)")


@dataclass(frozen=True, slots=True)
class Listed:
    """A network as text; see the top of the file for how it is written."""

    listed: str
    named: str = ""

    def layers(self) -> dict[str, Layer]:
        """Every layer of the list."""
        found: dict[str, Layer] = {}
        for line in self.listed.split("\n"):
            words = line.split()
            if words:
                kernel = tuple(map(int, words[3].split("x"))) if len(words) > 3 else None
                layer = Layer(int(words[1]), int(words[2]), kernel)
                found |= dict.fromkeys(_paths(words[0]), layer)
        return found

    def native(self) -> dict[str, NativeLayer]:
        """The same under other names, as far as there are any."""
        layers = self.layers()
        blocks = _blocks(layers)
        found: dict[str, NativeLayer] = {}
        for line in filter(str.strip, self.named.split("\n")):
            native, _, meant = (part.strip() for part in line.partition(" = "))
            paths = [path.strip() for path in meant.split("+")]
            for block in blocks.get(paths[0].removeprefix("~"), ()):
                named = [path.replace("*", block) for path in paths]
                if all(path.removeprefix("~") in layers for path in named):
                    found[native.replace("*", block)] = _native(named, layers)
        return found


def _paths(written: str) -> Iterator[str]:
    """The paths that a line's ranges stand for."""
    counts = [range(int(last) + 1) for last in _RANGE.findall(written)]
    pattern = _RANGE.sub("{}", written)
    for numbers in product(*counts):
        yield pattern.format(*numbers)


def _blocks(paths: Iterable[str]) -> dict[str, list[str]]:
    """Paths with `*` for the first number in them -> the numbers; itself, where there is none."""
    found: dict[str, list[str]] = {}
    for path in paths:
        number = _NUMBER.search(path)
        found.setdefault(path, []).append("")
        if number is not None:
            starred = f"{path[: number.start()]}*{path[number.end() :]}"
            found.setdefault(starred, []).append(number[0])
    return found


def _native(paths: list[str], layers: dict[str, Layer]) -> NativeLayer:
    if len(paths) > 1:
        return stacked(layers, tuple(paths))
    if paths[0].startswith("~"):
        return halves_swapped(layers, paths[0].removeprefix("~"))
    return NativeLayer(layers[paths[0]], (Piece(paths[0]),))
