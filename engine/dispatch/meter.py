"""What the dispatcher tells whoever measures; `bot.metrics` is the real listener."""

from typing import Protocol


class Meter(Protocol):
    """Counts and times of the queue."""

    def waited(self, seconds: float) -> None:
        """A job waited this long for its first worker."""
        ...

    def stage(self, name: str, seconds: float) -> None:
        """A stage of a picture took this long: load, encode, denoise, decode, write, store."""
        ...

    def drawn(self, pictures: int) -> None:
        """So many pictures were finished."""
        ...

    def failed(self, code: str) -> None:
        """A try or a job failed with this code."""
        ...


class NoMeter:
    """Measures nothing."""

    def waited(self, seconds: float) -> None:
        """Ignore."""

    def stage(self, name: str, seconds: float) -> None:
        """Ignore."""

    def drawn(self, pictures: int) -> None:
        """Ignore."""

    def failed(self, code: str) -> None:
        """Ignore."""
