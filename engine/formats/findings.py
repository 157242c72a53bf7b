"""Problems found in many layers, told in few sentences."""


class Findings:
    """Counts what was found by kind, and tells each kind once with an example."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, kind: str, name: str) -> None:
        """One more layer or tensor with this kind of problem."""
        self._names.setdefault(kind, []).append(name)

    def __bool__(self) -> bool:
        return bool(self._names)

    def sentences(self) -> tuple[str, ...]:
        """One sentence a kind: what, how many, and the first one's name."""
        return tuple(
            f"{kind}: {short(names[0])}"
            + (f" and {len(names) - 1} more." if len(names) > 1 else ".")
            for kind, names in self._names.items()
        )


def short(name: str) -> str:
    """A tensor's name in at most 100 characters."""
    return name if len(name) <= 100 else f"{name[:48]}…{name[-48:]}"
