"""Rows with stacks of their own in one forward: every layer's pairs side by side, one slot a group.

A group is what shares a stack: the one or two places of a row. Joining a batch copies a stack's
factors into a slot; nobody else's slot is touched, and the number of operations of a forward does
not depend on how many LoRAs there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from engine.workers.layers import Share, Sides, Stack, StackKey, factor_dtype, home_of

RANK_STEP = 4
"""Slots are as wide as the largest rank in them, rounded up to a multiple of this."""
STATIC_RANK = 16
"""Static slots are at least so wide: most LoRAs then change no shape."""


def rounded(rank: int, *, is_static: bool) -> int:
    """The width of slots for this rank: in powers of two where shapes shall rarely change."""
    if is_static:
        return 1 << max(rank - 1, STATIC_RANK - 1).bit_length()
    return -(-rank // RANK_STEP) * RANK_STEP


@dataclass(eq=False)
class KronSlots:
    """Kronecker products of the same sides: left (slots, a, n * b), right (slots, n * c, d)."""

    left: Tensor
    right: Tensor
    count: int


@dataclass(eq=False)
class LayerSlots:
    """What one layer has of every slot's stack: pairs, gains and Kronecker products."""

    slots: int
    copies: int
    """Slots that a group takes: one, or one a place where groups can't share a convolution."""
    down: Tensor | None = None
    """With `up`, the pairs: down (slots, rank, in[, kh, kw]), up (slots, out, rank)."""
    up: Tensor | None = None
    gain: Tensor | None = None
    """With `shift`, where a DoRA is among them: `gain * output + shift` is added."""
    shift: Tensor | None = None
    inner: Tensor | None = None
    """By inputs: the base is given `x + inner * x`."""
    krons: dict[Sides, KronSlots] = field(default_factory=dict)

    @property
    def has(self) -> "Wants":
        """What there is room for."""
        krons = {sides: kron.count for sides, kron in self.krons.items()}
        return Wants(self.rank, self.gain is not None, self.inner is not None, krons)

    @property
    def rank(self) -> int:
        """Of the pairs."""
        return 0 if self.down is None else self.down.shape[1]

    def drop_unwanted(self, wants: "Wants") -> None:
        """Give back what nobody who sits here has any more, with the operations that it costs."""
        if not wants.rank:
            self.down = self.up = None
        if not wants.gains:
            self.gain = self.shift = None
        if not wants.inner:
            self.inner = None
        self.krons = {sides: kron for sides, kron in self.krons.items() if sides in wants.krons}

    @property
    def size_bytes(self) -> int:
        """Memory of all slots."""
        parts = [self.down, self.up, self.gain, self.shift, self.inner]
        parts += [half for kron in self.krons.values() for half in (kron.left, kron.right)]
        return sum(part.nbytes for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Wants:
    """The most that any stack has at a layer."""

    rank: int = 0
    gains: bool = False
    inner: bool = False
    krons: Mapping[Sides, int] = field(default_factory=dict)

    @classmethod
    def of(cls, share: Share) -> "Wants":
        """What this share has."""
        krons = {kron.sides: kron.count for kron in share.krons}
        return cls(share.rank, share.gain is not None, share.inner is not None, krons)

    def are_met(self, slots: LayerSlots) -> bool:
        return (
            slots.rank >= self.rank
            and (slots.gain is not None or not self.gains)
            and (slots.inner is not None or not self.inner)
            and all(
                sides in slots.krons and slots.krons[sides].count >= count
                for sides, count in self.krons.items()
            )
        )

    def beside(self, other: "Wants") -> "Wants":
        """The most of both."""
        krons = dict(self.krons)
        for sides, count in other.krons.items():
            krons[sides] = max(krons.get(sides, 0), count)
        return Wants(
            max(self.rank, other.rank),
            self.gains or other.gains,
            self.inner or other.inner,
            krons,
        )


@dataclass(eq=False)
class _Copies:
    """Copies to make, gathered so that they cost one call."""

    to: list[Tensor] = field(default_factory=list)
    of: list[Tensor] = field(default_factory=list)
    zeros: list[Tensor] = field(default_factory=list)

    def add(self, to: Tensor, of: Tensor) -> None:
        self.to.append(to)
        self.of.append(of)

    def make(self) -> None:
        if self.zeros:
            torch._foreach_zero_(self.zeros)
        if self.to:
            torch._foreach_copy_(self.to, self.of)


class Table:
    """The slots of one batch: which stack sits where, and what each layer has of it."""

    def __init__(
        self,
        layers: Mapping[str, nn.Linear | nn.Conv2d],
        places: int,
        known: dict[str, Wants] | None = None,
        *,
        is_static: bool,
    ) -> None:
        self._layers = layers
        self._known = {} if known is None else known
        self.places = places
        """Places of each group."""
        self._is_static = is_static
        self.slots: dict[str, LayerSlots] = {}
        self._sitting: list[StackKey | None] = []

    @property
    def groups(self) -> int:
        """Slots there are; a forward may use fewer."""
        return len(self._sitting)

    @property
    def size_bytes(self) -> int:
        """Memory of all slots."""
        return sum(one.size_bytes for one in self.slots.values())

    def seat(self, stacks: Sequence[Stack]) -> bool:
        """Put the n-th stack into the n-th slot; False when all sat there already.

        Raises `KeyError` for a path that is no layer of the base.
        """
        if len(stacks) == len(self._sitting) and all(
            stack.key == key for stack, key in zip(stacks, self._sitting, strict=True)
        ):
            return False
        self._make_room(stacks)
        copies = _Copies()
        for slot, stack in enumerate(stacks):
            if stack.key != self._sitting[slot]:
                self._write(slot, stack, copies)
        copies.make()
        return True

    def _make_room(self, stacks: Sequence[Stack]) -> None:
        """Slots for every layer that a stack changes, wide and many enough."""
        if not self._is_static:
            del self._sitting[len(stacks) :]
            for path in self.slots.keys() - {path for stack in stacks for path in stack.layers}:
                del self.slots[path]
        grown = max(len(stacks), len(self._sitting))
        is_new = grown > len(self._sitting)
        wanted = _wanted(stacks)
        if self._is_static:
            # What any batch ever met: another size then is one graph, not one for each LoRA.
            for path, wants in wanted.items():
                self._known[path] = wants.beside(self._known.get(path, Wants()))
            wanted = self._known
        else:
            for path, slots in self.slots.items():
                slots.drop_unwanted(wanted[path])
        for path in wanted.keys() | self.slots.keys():
            old, wants = self.slots.get(path), wanted.get(path, Wants())
            if old is None or is_new or not wants.are_met(old):
                self._build(path, wants, grown, old)
        self._sitting += [None] * (grown - len(self._sitting))

    def _build(self, path: str, wants: Wants, groups: int, old: LayerSlots | None) -> None:
        """New slots, as wide as what sits there and what comes; what sits there moves along."""
        layer = self._layers[path]
        if old is not None:
            wants = wants.beside(old.has)
        copies = self.places if isinstance(layer, nn.Conv2d) else 1
        made = _empty(layer, wants, groups * copies, copies, is_static=self._is_static)
        self.slots[path] = made
        if old is not None:
            _move(old, made)

    def _write(self, slot: int, stack: Stack, copies: _Copies) -> None:
        for path, slots in self.slots.items():
            own = slice(slot * slots.copies, (slot + 1) * slots.copies)
            share = stack.layers.get(path)
            _write_pair(slots, own, share, copies)
            _write_gains(slots, own, share)
            _write_krons(slots, own, share, copies)
        self._sitting[slot] = stack.key


def _empty(
    layer: nn.Linear | nn.Conv2d, wants: Wants, count: int, copies: int, *, is_static: bool
) -> LayerSlots:
    device, dtype = home_of(layer), factor_dtype(layer)

    def zeros(*shape: int) -> Tensor:
        return torch.zeros(count, *shape, device=device, dtype=dtype)

    if isinstance(layer, nn.Conv2d):
        inputs, outputs, kernel = layer.in_channels, layer.out_channels, layer.kernel_size
    else:
        inputs, outputs, kernel = layer.in_features, layer.out_features, ()
    made = LayerSlots(count, copies)
    if wants.rank:
        width = rounded(wants.rank, is_static=is_static)
        made.down, made.up = zeros(width, inputs, *kernel), zeros(outputs, width)
    if wants.gains:
        made.gain, made.shift = zeros(outputs), zeros(outputs)
    if wants.inner:
        made.inner = zeros(inputs)
    for sides, number in wants.krons.items():
        a, b, c, d = sides
        held = 1 << (number - 1).bit_length() if is_static else number
        made.krons[sides] = KronSlots(zeros(a, held * b), zeros(held * c, d, *kernel), held)
    return made


def _move(old: LayerSlots, made: LayerSlots) -> None:
    """What sits in the old slots, into wider or more ones."""
    pairs = [(old.down, made.down), (old.up, made.up), (old.gain, made.gain),
             (old.shift, made.shift), (old.inner, made.inner)]  # fmt: skip
    for sides, kron in old.krons.items():
        new = made.krons[sides]
        pairs += [(kron.left, new.left), (kron.right, new.right)]
    for of, to in pairs:
        if of is not None and to is not None:
            to[tuple(slice(0, min(size)) for size in zip(of.shape, to.shape, strict=True))] = of[
                : to.shape[0]
            ]


def _write_pair(slots: LayerSlots, own: slice, share: Share | None, copies: _Copies) -> None:
    if slots.down is None or slots.up is None:
        return
    rank = 0 if share is None else share.rank
    if rank < slots.rank:
        copies.zeros.append(slots.up[own, :, rank:])
    if share is not None and rank:
        down, up = slots.down[own, :rank], slots.up[own, :, :rank]
        copies.add(down, share.down.expand_as(down))
        copies.add(up, share.up.flatten(1).expand_as(up))


def _write_gains(slots: LayerSlots, own: slice, share: Share | None) -> None:
    if slots.gain is not None and slots.shift is not None:
        slots.gain[own] = 0 if share is None or share.gain is None else share.gain
        slots.shift[own] = 0 if share is None or share.shift is None else share.shift
    if slots.inner is not None:
        slots.inner[own] = 0 if share is None or share.inner is None else share.inner


def _write_krons(slots: LayerSlots, own: slice, share: Share | None, copies: _Copies) -> None:
    krons = {} if share is None else {kron.sides: kron for kron in share.krons}
    for sides, held in slots.krons.items():
        kron = krons.get(sides)
        columns, rows = (0, 0) if kron is None else (kron.left.shape[1], kron.right.shape[0])
        if columns < held.left.shape[2]:
            copies.zeros.append(held.left[own, :, columns:])
        if kron is not None:
            left, right = held.left[own, :, :columns], held.right[own, :rows]
            copies.add(left, kron.left.expand_as(left))
            copies.add(right, kron.right.expand_as(right))


def _wanted(stacks: Sequence[Stack]) -> dict[str, Wants]:
    """The most that any of the stacks has at each layer."""
    wanted: dict[str, Wants] = {}
    for stack in stacks:
        for path, share in stack.layers.items():
            wanted[path] = Wants.of(share).beside(wanted.get(path, Wants()))
    return wanted
