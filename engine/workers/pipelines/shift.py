"""How flow bases shift their timesteps by the size of the picture."""

from collections.abc import Mapping


def shift_of(tokens: int, config: Mapping[str, object], max_shift: float) -> float:
    """The shift `mu` for this many image tokens: a straight line between two training sizes.

    The line and its defaults are those of diffusers' `calculate_shift`; `max_shift` is the
    default that differs between SD3 (1.16) and FLUX (1.15).
    """

    def number(name: str, otherwise: float) -> float:
        value = config.get(name, otherwise)
        return float(value) if isinstance(value, int | float) else otherwise

    few, many = number("base_image_seq_len", 256), number("max_image_seq_len", 4096)
    low, high = number("base_shift", 0.5), number("max_shift", max_shift)
    slope = (high - low) / (many - few)
    return tokens * slope + low - slope * few
