"""Where LoRAs meet the base: a hook beside each layer adds shares of stacks to its output.

Base weights are never written: an inactive stack leaves no hook behind, which is also how a clean
base is proved. One stack for a whole forward is added as it is; rows with stacks of their own get
them from slots (`slots`). Either way it is two operations a layer, and one more for a DoRA.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from engine.errors import StackNotApplied
from engine.workers.acting import add_one, add_rows, scale_one, scale_rows
from engine.workers.layers import TOLD_MISSING, Share, Stack, StackKey, find_layer
from engine.workers.merged import Weights, guessed_merge_s, may_write
from engine.workers.slots import LayerSlots, Table, Wants

Layer = nn.Linear | nn.Conv2d
Arrangement = tuple[tuple[StackKey, ...], tuple[int, ...], int]
EVERYONE = slice(None)
KEPT_TABLES = 2
"""Batches whose slots are kept, for buckets that take turns."""


class Seam:
    """The hook of one layer: adds a share for some places, or everybody's own from slots."""

    __slots__ = ("_before", "_given", "_handle", "_layer", "groups", "has_acted", "places",
                 "share", "slots")  # fmt: skip

    def __init__(self, layer: Layer) -> None:
        self.share: Share | None = None
        self.places = EVERYONE
        self.slots: LayerSlots | None = None
        self.groups = 0
        self.has_acted = False
        self._layer = layer
        self._handle: RemovableHandle = layer.register_forward_hook(self._on_forward)
        self._before: RemovableHandle | None = None
        self._given: Tensor | None = None

    @property
    def is_in_place(self) -> bool:
        """Whether the layer still calls this hook."""
        return self._handle.id in self._layer._forward_hooks

    def remove(self) -> None:
        """Leave the layer as it was."""
        self._handle.remove()
        if self._before is not None:
            self._before.remove()

    def give(self, share: Share, places: slice) -> None:
        """From now on one share for these places."""
        self.share, self.places, self.slots = share, places, None
        self._scale(is_asked=share.inner is not None)

    def seat(self, slots: LayerSlots, groups: int) -> None:
        """From now on everybody's own."""
        self.slots, self.groups = slots, groups
        self._scale(is_asked=slots.inner is not None)

    def _scale(self, *, is_asked: bool) -> None:
        """A gain by inputs needs a look at what the layer is given, too."""
        if is_asked and self._before is None:
            self._before = self._layer.register_forward_pre_hook(self._on_given)
        elif not is_asked and self._before is not None:
            self._before.remove()
            self._before = None

    def _on_given(self, layer: Layer, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        given = self._given = inputs[0]
        if self.slots is not None:
            return scale_rows(layer, self.slots, self.groups, given), *inputs[1:]
        if self.share is not None:
            return scale_one(layer, self.share, self.places, given), *inputs[1:]
        return inputs

    def _on_forward(self, layer: Layer, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        self.has_acted = True
        # LoRAs see what the layer was given, the base what a gain by inputs made of it.
        given, self._given = inputs[0] if self._given is None else self._given, None
        if self.slots is not None:
            return add_rows(layer, self.slots, self.groups, given, output)
        if self.share is not None:
            return add_one(layer, self.share, self.places, given, output)
        return output


class Seams:
    """The layers of one base that stacks act on now.

    With `is_static` every forward of rows uses slots, a layer once touched keeps its hook, and
    slots only grow: shapes survive a change of LoRAs, as compiled code and CUDA graphs need.
    """

    def __init__(self, roots: Mapping[str, nn.Module], *, is_static: bool = False) -> None:
        self._roots = dict(roots)
        self._is_static = is_static
        self._layers: dict[str, Layer] = {}
        self._seams: dict[str, Seam] = {}
        self._active: tuple[Stack, ...] = ()
        self._arranged: Arrangement | None = None
        self._tables: OrderedDict[tuple[object, int], Table] = OrderedDict()
        self._weights = Weights()
        self._known: dict[str, Wants] = {}

    @property
    def roots(self) -> Mapping[str, nn.Module]:
        """The modules that canonical paths start from."""
        return self._roots

    @property
    def slot_bytes(self) -> int:
        """Memory of the slots that are kept."""
        return sum(table.size_bytes for table in self._tables.values())

    def layer(self, path: str) -> Layer | None:
        """The layer that a canonical path means; looked up once."""
        if path not in self._layers:
            found = find_layer(self._roots, path)
            if found is None:
                return None
            self._layers[path] = found
        return self._layers[path]

    # --- one stack for everybody ----------------------------------------------------------

    def activate(self, stack: Stack) -> None:
        """Make this stack, and nothing else, act on every forward from now on."""
        is_so = self._arranged is None and self._active == ((stack,) if stack else ())
        if is_so and self._weights.is_pristine():
            return
        self.clear()
        self._active = (stack,) if stack else ()
        self._hook({p: share for p, share in stack.pairs.items() if self.layer(p)}, EVERYONE)

    @contextmanager
    def speaking(self, stack: Stack) -> Iterator[None]:
        """While inside, the stack acts on the text encoders; rows are not touched."""
        try:
            for path, share in stack.text.items():
                if (layer := self.layer(path)) is not None:
                    seam = self._seams[path] = Seam(layer)
                    seam.give(share, EVERYONE)
            yield
        finally:
            for path in stack.text:
                if (made := self._seams.pop(path, None)) is not None:
                    made.remove()

    # --- a stack for each row -------------------------------------------------------------

    def arrange(self, stacks: Sequence[Stack], places: Sequence[int], batch: object = None) -> bool:
        """From now on the n-th stack acts on the next `places[n]` rows of every forward.

        `batch` names the batch: its slots are kept for the next time. False when all is so already.
        """
        wanted = (tuple(stack.key for stack in stacks), tuple(places), hash(batch))
        if wanted == self._arranged:
            return False
        self._weights.restore()
        acting = {stack.key: stack for stack in stacks if stack.layers}
        self._active = tuple(acting.values())
        span = _span(stacks, places) if len(acting) == 1 else None
        if not acting and not self._is_static:
            self.clear()
        elif span is not None and not self._is_static:
            (only,) = acting.values()
            self._knows(only)
            self._keep(only.layers.keys())
            self._hook(only.layers, span)
        else:
            self._seat(stacks, places, batch)
        self._arranged = wanted
        return True

    def _seat(self, stacks: Sequence[Stack], places: Sequence[int], batch: object) -> None:
        """Slots by rows where all take as many places, else by places."""
        each = places[0] if len(set(places)) == 1 else 1
        seated = stacks
        if each == 1:
            seated = [
                stack for stack, count in zip(stacks, places, strict=True) for _ in range(count)
            ]
        key = (batch, each)
        table = self._tables.get(key)
        if table is None:
            table = Table(self._layers, each, self._known, is_static=self._is_static)
            self._tables[key] = table
            while len(self._tables) > KEPT_TABLES:
                self._tables.popitem(last=False)
        self._tables.move_to_end(key)
        for stack in stacks:
            for path in stack.layers:
                self.layer(path)
        table.seat(seated)
        self._keep(table.slots.keys())
        for path, slots in table.slots.items():
            self._seam(path).seat(slots, len(seated))

    def _hook(self, shares: Mapping[str, Share], places: slice) -> None:
        known = self._seams
        for path, share in shares.items():
            (known.get(path) or self._seam(path)).give(share, places)

    def _seam(self, path: str) -> Seam:
        seam = self._seams.get(path)
        if seam is None:
            seam = self._seams[path] = Seam(self._layers[path])
        return seam

    def _keep(self, paths: Collection[str]) -> None:
        for path in self._seams.keys() - set(paths):
            self._seams.pop(path).remove()

    # --- the merged lane ------------------------------------------------------------------

    @property
    def merged(self) -> Stack:
        """The stack that is written into the weights now."""
        return self._weights.stack

    def may_merge(self, stack: Stack) -> bool:
        """Whether the weights that this stack changes can be rewritten; not under static slots,
        whose graphs are made for shares beside the base.
        """
        if self._is_static:
            return False
        return may_write(stack, self._layers) if self._knows(stack) else False

    def guessed_merge_s(self, stack: Stack) -> float:
        """Seconds of a merge, before one was measured."""
        return guessed_merge_s(stack, self._layers)

    def merge(self, stack: Stack) -> None:
        """Write a stack into the weights, and nothing beside them, until the next change."""
        if self.merged.key == stack.key and not self._weights.is_pristine():
            return
        self._unhook()
        self._knows(stack)
        self._weights.write(stack, self._layers)

    def _knows(self, stack: Stack) -> bool:
        known = self._layers
        return all(path in known or self.layer(path) is not None for path in stack.layers)

    # --- proofs ---------------------------------------------------------------------------

    def clear(self) -> None:
        """Back to the bare base."""
        self._unhook()
        self._weights.restore()

    def _unhook(self) -> None:
        for seam in self._seams.values():
            seam.remove()
        self._seams.clear()
        self._active = ()
        self._arranged = None

    def forget(self) -> None:
        """Back to the bare base, and the memory of all slots given back."""
        self.clear()
        self._tables.clear()
        self._weights.forget()

    def prove(self) -> None:
        """Modules of the active stacks are the modules alive; raises `StackNotApplied` if not."""
        alive = {path for path, seam in self._seams.items() if seam.is_in_place}
        for stack in self._active:
            wanted = set(stack.pairs if self._arranged is None else stack.layers)
            missing = sorted(wanted - alive)
            if missing:
                raise StackNotApplied(
                    name="the stack",
                    expected=len(wanted),
                    applied=len(wanted) - len(missing),
                    missing=tuple(missing[:TOLD_MISSING]),
                )

    def silent(self, stack: Stack | None = None) -> frozenset[str]:
        """Paths of active layers (those of one stack) that have not been run since they are."""
        of = self._seams if stack is None else stack.pairs
        return frozenset(
            path
            for path in of
            if (seam := self._seams.get(path)) is not None and not seam.has_acted
        )

    def is_clean(self) -> bool:
        """Whether no weight is written and no layer carries a hook of ours, looking at each."""
        return self._weights.is_pristine() and not any(
            isinstance(getattr(hook, "__self__", None), Seam)
            for root in self._roots.values()
            for module in root.modules()
            for hook in (*module._forward_hooks.values(), *module._forward_pre_hooks.values())
        )


def _span(stacks: Sequence[Stack], places: Sequence[int]) -> slice | None:
    """The places of the only stack that acts, when they are side by side."""
    acting = [index for index, stack in enumerate(stacks) if stack.layers]
    first, last = acting[0], acting[-1]
    if last - first + 1 != len(acting):
        return None
    if len(acting) == len(stacks):
        return EVERYONE
    return slice(sum(places[:first]), sum(places[: last + 1]))
