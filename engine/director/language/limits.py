"""Guards around a language model: a circuit breaker, and what a space may spend."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

HOUR_S, DAY_S = 3600.0, 86400.0
MOST_SPACES = 10_000


@dataclass(slots=True)
class Breaker:
    """After some failures in a row nobody is asked for a while; then one try decides."""

    failures: int
    pause_s: float
    _in_row: int = 0
    _closed_until: float = 0.0

    def allows(self, now_s: float) -> bool:
        """Whether the language model may be asked now."""
        return now_s >= self._closed_until

    def succeeded(self) -> None:
        """An answer came."""
        self._in_row = 0

    def failed(self, now_s: float) -> bool:
        """No answer came; True when this one opened the breaker."""
        self._in_row += 1
        if self._in_row < self.failures:
            return False
        self._closed_until = now_s + self.pause_s
        self._in_row = self.failures - 1  # after the pause one more failure is enough
        return True


@dataclass(slots=True)
class _Spent:
    calls: deque[float] = field(default_factory=deque)
    tokens: deque[tuple[float, int]] = field(default_factory=deque)


@dataclass(slots=True)
class Allowance:
    """Calls an hour and tokens a day of each space; kept in memory, bounded."""

    calls_per_hour: int
    tokens_per_day: int
    _spaces: OrderedDict[str, _Spent] = field(default_factory=OrderedDict)

    def allows(self, space: str, now_s: float) -> bool:
        """Whether a space may ask once more."""
        spent = self._of(space)
        while spent.calls and spent.calls[0] <= now_s - HOUR_S:
            spent.calls.popleft()
        while spent.tokens and spent.tokens[0][0] <= now_s - DAY_S:
            spent.tokens.popleft()
        used = sum(count for _, count in spent.tokens)
        return len(spent.calls) < self.calls_per_hour and used < self.tokens_per_day

    def spend_call(self, space: str, now_s: float) -> None:
        """A space asks: counted before the answer, so that a crowd can't slip through."""
        self._of(space).calls.append(now_s)

    def spend_tokens(self, space: str, tokens: int, now_s: float) -> None:
        """What an answer cost."""
        if tokens > 0:
            self._of(space).tokens.append((now_s, tokens))

    def _of(self, space: str) -> _Spent:
        spent = self._spaces.setdefault(space, _Spent())
        self._spaces.move_to_end(space)
        if len(self._spaces) > MOST_SPACES:
            self._spaces.popitem(last=False)
        return spent
