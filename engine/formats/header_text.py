"""The JSON text of a safetensors header, read one pair at a time with a bound on everything."""

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

LONGEST_ENTRY = 512
DAMAGED = "a damaged safetensors file"
_SPACE = re.compile(r"[ \t\r\n]*")
_NAME = re.compile(
    r"[A-Za-z0-9_.\-]{1,256}|bundle_emb\.[^\x00-\x1f/\\]{1,200}|<[^\x00-\x1f/\\<>]{1,100}>"
    r"|string_to_param\.\*"
)
# As every writer known writes an entry; anything else is read the slow way.
_PLAIN = re.compile(
    r'[ \t\r\n]*"([A-Za-z0-9_.\-]{1,256})"\s?:\s?'
    r'\{\s?"dtype"\s?:\s?"([A-Z0-9_]{2,10})"\s?,\s?"shape"\s?:\s?'
    r"\[((?:[1-9][0-9]{0,11}(?:, ?[1-9][0-9]{0,11}){0,7})?)\]\s?,\s?"
    r'"data_offsets"\s?:\s?\[(0|[1-9][0-9]{0,17}), ?(0|[1-9][0-9]{0,17})\]\s?\}[ \t\r\n]*,'
)
Plain = tuple[str, str, tuple[int, ...], int, int]
"""Name, element type, shape, start and end."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class Refused(Exception):
    """Why a header is not read; becomes `BadLoraFile` at the door."""

    def __init__(self, problem: str, verdict: str = DAMAGED) -> None:
        super().__init__(problem)
        self.problem = problem
        self.verdict = verdict


@lru_cache(maxsize=4096)
def _sizes(written: str) -> tuple[int, ...]:
    return tuple(map(int, written.split(","))) if written else ()


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


_DECODER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_no_duplicates)


class HeaderText:
    """A cursor over the text; every method moves it and raises `Refused` for what is not right."""

    def __init__(self, raw: bytes) -> None:
        try:
            self._text = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("The header is not UTF-8 text.") from None
        if not self._text.startswith("{"):
            raise Refused("The header is not a JSON object.")
        self._at = 0

    def names(self) -> Iterator[str | Plain]:
        """Names of the outer object's pairs; the caller takes each value before the next key.

        An entry that is written as usual and not the last one comes whole.
        """
        for key in self._pairs(self._plain):
            if isinstance(key, str) and key != "__metadata__" and not _NAME.fullmatch(key):
                raise Refused(f"A tensor has the odd name {key[:60]!r}.")
            yield key

    def strings(self, most_chars: int) -> dict[str, str]:
        """An object of text to text, with this many characters in all."""
        found: dict[str, str] = {}
        chars = 0
        for key in self._keys():
            value = self._string("A metadata value is not text.")
            chars += len(key) + len(value)
            if chars > most_chars:
                raise Refused(f"The metadata are longer than {most_chars} characters.")
            if key in found:
                raise Refused("A metadata key is there twice.")
            found[key] = value
        return found

    def entry(self, name: str) -> dict[str, object]:
        """A tensor's entry: a short object without objects inside."""
        self._skip()
        end = self._text.find("}", self._at, self._at + LONGEST_ENTRY)
        if end < 0 or self._text[self._at] != "{":
            raise Refused(f"The entry of {name!r} is not a short JSON object.")
        try:
            found: object = _DECODER.decode(self._text[self._at : end + 1])
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Refused(f"The entry of {name!r} is not valid JSON.")
        self._at = end + 1
        return found

    def end(self) -> None:
        """Nothing but spaces may follow."""
        self._skip()
        if self._at != len(self._text):
            raise Refused("Something follows the header's JSON object.")

    def _plain(self) -> Plain | None:
        """A tensor's usual entry with the comma behind it, or None and the cursor stays."""
        match = _PLAIN.match(self._text, self._at)
        if match is None:
            return None
        name, dtype, shape, start, end = match.groups()
        self._at = match.end()
        return name, dtype, _sizes(shape), int(start), int(end)

    def _keys(self) -> Iterator[str]:
        for key in self._pairs(lambda: None):
            if isinstance(key, str):
                yield key

    def _pairs(self, whole: Callable[[], Plain | None]) -> Iterator[str | Plain]:
        """Keys of the object at the cursor; behind each the cursor stands before its value.

        What `whole` reads at once, comma and all, comes as it is.
        """
        self._expect("{")
        if self._next() == "}":
            self._at += 1
            return
        while True:
            while (found := whole()) is not None:
                yield found
            key = self._string("A key of the header is not text.")
            self._expect(":")
            yield key
            if self._next() == "}":
                self._at += 1
                return
            self._expect(",")

    def _string(self, problem: str) -> str:
        if self._next() != '"':
            raise Refused(problem)
        try:
            value, self._at = _DECODER.raw_decode(self._text, self._at)
        except ValueError:
            raise Refused("The header is not valid JSON.") from None
        if not isinstance(value, str) or _SURROGATE.search(value):
            raise Refused("The header holds text that is not Unicode.")
        return value

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise Refused("The header is not valid JSON.")
        self._at += 1

    def _next(self) -> str:
        self._skip()
        return self._text[self._at : self._at + 1]

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
