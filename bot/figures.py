"""Numbers, sizes and lists as people write them, in the language at hand."""

from collections.abc import Sequence

from bot.texts import current, say

DECIMAL_COMMA = frozenset({"de", "es", "fr", "pt-BR"})
MIB, GIB = 1 << 20, 1 << 30


def number(value: float, digits: int = 1) -> str:
    """A measured number. Seeds, weights and what is typed keep their point: they are copied."""
    written = f"{value:.{digits}f}"
    return written.replace(".", ",") if current() in DECIMAL_COMMA else written


def binary_size(size_bytes: int) -> str:
    """A limit in MiB, or GiB where it is that large."""
    return f"{number(size_bytes / GIB)} GiB" if size_bytes >= GIB else f"{size_bytes / MIB:.0f} MiB"


def listed(parts: Sequence[str]) -> str:
    """Some things side by side: "a, b, c"."""
    return say("list.comma", ", ").join(parts)


def either(parts: Sequence[str]) -> str:
    """One of some things: "a, b or c"."""
    if len(parts) < 2:
        return "".join(parts)
    return say("list.or", "{most} or {last}", most=listed(parts[:-1]), last=parts[-1])
