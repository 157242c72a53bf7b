"""Time that passes as soon as somebody waits for it."""

import asyncio


class QuickTime:
    """A clock that pauses move on: seconds pass as soon as somebody waits for them."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if seconds < 60:  # sweeps and other rounds wait for real, as good as for ever
            self.now += seconds
            await asyncio.sleep(0.01)
        else:
            await asyncio.sleep(seconds)
