"""What a forward does with shares: adds to one layer's output what stacks make of its input.

Two operations for a pair, however many LoRAs are in it, and one more for a DoRA. A Kronecker
product takes two for one stack and three for strangers, one more where several are summed; a whole
change of a linear layer two.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.workers.layers import Kron, Share, Sides
from engine.workers.slots import KronSlots, LayerSlots


def scale_rows(
    layer: nn.Linear | nn.Conv2d, slots: LayerSlots, groups: int, given: Tensor
) -> Tensor:
    """What the base is given, every group's scaled by its own gain by inputs."""
    if slots.inner is None:
        return given
    if isinstance(layer, nn.Conv2d):
        return torch.addcmul(given, given, slots.inner[: given.shape[0], :, None, None])
    wide = given.reshape(groups, -1, given.shape[-1])
    return torch.addcmul(wide, wide, slots.inner[:groups, None]).view(given.shape)


def scale_one(layer: nn.Linear | nn.Conv2d, share: Share, places: slice, given: Tensor) -> Tensor:
    """What the base is given, scaled by a gain by inputs at some places."""
    if share.inner is None:
        return given
    inner = share.inner.view((-1, 1, 1) if isinstance(layer, nn.Conv2d) else (-1,))
    part = given[places]
    scaled = torch.addcmul(part, part, inner)
    if part.shape == given.shape:
        return scaled
    changed = given.clone()
    changed[places] = scaled
    return changed


def add_rows(
    layer: nn.Linear | nn.Conv2d, slots: LayerSlots, groups: int, given: Tensor, output: Tensor
) -> Tensor:
    """Every group's share, by its own slot."""
    if isinstance(layer, nn.Conv2d):
        return _add_rows_conv(layer, slots, given, output)
    if slots.gain is not None and slots.shift is not None:
        wide = output.view(groups, -1, output.shape[-1])
        wide = torch.addcmul(wide, wide, slots.gain[:groups, None])
        output = wide.add_(slots.shift[:groups, None]).view(output.shape)
    if slots.down is not None and slots.up is not None:
        low = torch.bmm(given.reshape(groups, -1, given.shape[-1]), slots.down[:groups].mT)
        output.view(groups, -1, output.shape[-1]).baddbmm_(low, slots.up[:groups].mT)
    for sides, kron in slots.krons.items():
        _add_rows_kron(sides, kron, groups, given, output)
    return output


def _add_rows_kron(
    sides: Sides, kron: KronSlots, groups: int, given: Tensor, output: Tensor
) -> None:
    """Two products and a copy of the small left factors, one for each token."""
    a, b, c, d = sides
    left, right = kron.left[:groups], kron.right[:groups]
    through = torch.bmm(given.reshape(groups, -1, d), right.mT)
    if a == b == kron.count == 1:
        output.view(groups, -1, c).addcmul_(through, left)
        return
    tokens = through.shape[1] // b
    wide = left[:, None].expand(-1, tokens, -1, -1).contiguous().view(groups * tokens, a, -1)
    output.view(-1, a, c).baddbmm_(wide, _by_left(through, b, kron.count, c))


def _by_left(through: Tensor, b: int, count: int, c: int) -> Tensor:
    """What came through right factors (..., b, count * c), as left factors take it: a copy where
    there are several.
    """
    if count == 1:
        return through.view(-1, b, c)
    return through.view(-1, b, count, c).transpose(1, 2).contiguous().view(-1, count * b, c)


def _add_rows_conv(layer: nn.Conv2d, slots: LayerSlots, given: Tensor, output: Tensor) -> Tensor:
    if slots.gain is not None and slots.shift is not None:
        places = given.shape[0]
        output = torch.addcmul(output, output, slots.gain[:places, :, None, None])
        output.add_(slots.shift[:places, :, None, None])
    if slots.down is not None and slots.up is not None:
        output = _add_rows_conv_pair(layer, slots.down, slots.up, given, output)
    for sides, kron in slots.krons.items():
        output = _add_rows_conv_kron(layer, sides, kron, given, output)
    return output


def _add_rows_conv_pair(
    layer: nn.Conv2d, down: Tensor, up: Tensor, given: Tensor, output: Tensor
) -> Tensor:
    places, channels, *size = given.shape
    if layer.kernel_size == (1, 1) and layer.stride == (1, 1) and not _is_padded(layer):
        low = torch.bmm(down[:places].flatten(2), given.reshape(places, channels, -1))
    else:
        wide = given.reshape(1, places * channels, *size)
        low = _through(layer, wide, down[:places].flatten(0, 1), places)
        low = low.view(places, down.shape[1], -1)
    return _add_spatial(output, up[:places], low)


def _add_rows_conv_kron(
    layer: nn.Conv2d, sides: Sides, kron: KronSlots, given: Tensor, output: Tensor
) -> Tensor:
    """One convolution in groups: a place's own right factor for each of its parts."""
    places, channels, *size = given.shape
    _, b, c, _ = sides
    right = kron.right[:places, None].expand(-1, b, *kron.right.shape[1:])
    right = right.contiguous().flatten(0, 2)
    through = _through(layer, given.reshape(1, places * channels, *size), right, places * b)
    through = _by_left(through.flatten(2).flatten(0, 1), b, kron.count, c * output[0, 0].numel())
    return _add_spatial(output, kron.left[:places], through)


def add_one(
    layer: nn.Linear | nn.Conv2d, share: Share, places: slice, given: Tensor, output: Tensor
) -> Tensor:
    """One share for the places of a forward that it is meant for."""
    if share.gain is not None:
        output = _gained(layer, share.gain, share.shift, places, output)
    given, part = given[places], output[places]
    if isinstance(layer, nn.Conv2d):
        changed = _add_one_conv(layer, share, given, part)
        if changed.data_ptr() != part.data_ptr():
            part.copy_(changed)
        return output
    if share.rank:
        low = functional.linear(given, share.down)
        part.view(-1, part.shape[-1]).addmm_(low.view(-1, low.shape[-1]), share.up.t())
    for kron in share.krons:
        _add_one_kron(kron, given, part)
    return output


def _add_one_kron(kron: Kron, given: Tensor, part: Tensor) -> None:
    a, b, c, d = kron.sides
    through = functional.linear(given.reshape(-1, d), kron.right)
    if a == b == kron.count == 1:
        part.view(-1, c).addcmul_(through, kron.left)
        return
    wide = _by_left(through, b, kron.count, c)
    part.view(-1, a, c).baddbmm_(kron.left.expand(wide.shape[0], -1, -1), wide)


def _add_one_conv(layer: nn.Conv2d, share: Share, given: Tensor, part: Tensor) -> Tensor:
    if share.rank:
        low = _through(layer, given, share.down)
        up = share.up.flatten(1).expand(part.shape[0], -1, -1)
        part = _add_spatial(part, up, low.flatten(2))
    for kron in share.krons:
        _, b, c, d = kron.sides
        split = given.reshape(-1, d, *given.shape[2:])
        through = _through(layer, split, kron.right)
        wide = _by_left(through.flatten(1), b, kron.count, c * through[0, 0].numel())
        part = _add_spatial(part, kron.left.expand(part.shape[0], -1, -1), wide)
    return part


def _through(layer: nn.Conv2d, given: Tensor, kernels: Tensor, groups: int = 1) -> Tensor:
    """Other kernels, moved over what is given as the layer's own are."""
    return functional.conv2d(
        given, kernels, None, layer.stride, layer.padding, layer.dilation, groups
    )


def _add_spatial(output: Tensor, up: Tensor, low: Tensor) -> Tensor:
    """In place where the output's memory is as its shape says (not in channels-last).

    `low` (places, rank, ...) goes through `up` (places, height, rank), whose height is the
    outputs', or a part of them that the rest of `low` fills.
    """
    if output.is_contiguous():
        output.view(output.shape[0], up.shape[1], -1).baddbmm_(up, low)
        return output
    return output + torch.bmm(up, low).view(output.shape)


def _gained(
    layer: nn.Linear | nn.Conv2d, gain: Tensor, shift: Tensor | None, places: slice, output: Tensor
) -> Tensor:
    part = output[places]
    by_output = (-1, 1, 1) if isinstance(layer, nn.Conv2d) else (-1,)
    changed = torch.addcmul(part, part, gain.view(by_output))
    if shift is not None:
        changed.add_(shift.view(by_output))
    if part.shape == output.shape:
        return changed
    part.copy_(changed)
    return output


def _is_padded(layer: nn.Conv2d) -> bool:
    return layer.padding not in ((0, 0), "valid")
