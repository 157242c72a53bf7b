"""How long the director takes with ten thousand looks, and how much memory it holds.

Processor time of the thread, so that a busy machine does not count.
"""

import statistics
import time
import tracemalloc

from engine.director import planner
from engine.director.batch import bases_of, families_of
from engine.director.reader import Room
from engine.director.rules import RulesReader
from engine.messages import Card, Generate, LoraKind, Trigger
from tests.bench.rows import Row
from tests.requests.scoring import cards_of, labels_of, sets

LOOKS = 10_000
ROUNDS = 2
KINDS: tuple[LoraKind, ...] = ("style", "character", "lighting", "effect", "object", "concept")
SYLLABLES = ("ka", "lo", "mi", "ren", "tu", "vas", "zor", "bel", "qui", "dra", "fen", "ost")


def run() -> list[Row]:
    """Reading and planning of every labelled request over its own cards and a large registry."""
    shelf = _many()
    room = Room(cards=shelf, bases=bases_of(shelf))
    began = time.thread_time()
    RulesReader().read_now("a warm-up", room)
    built_s = time.thread_time() - began
    tracemalloc.start()
    reader = RulesReader()
    reader.read_now("a warm-up", room)
    held = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    spent = _spent(reader, shelf)
    spent.sort()
    p99 = spent[int(len(spent) * 0.99)] * 1000
    return [
        Row("director", f"plan, {LOOKS} looks, p50", statistics.median(spent) * 1000, "ms"),
        Row("director", f"plan, {LOOKS} looks, p99", p99, "ms", aim="30 ms"),
        Row("director", f"index of {LOOKS} looks", built_s, "s"),
        Row("director", f"memory of {LOOKS} looks", held, "MiB"),
    ]


def _spent(reader: RulesReader, shelf: tuple[Card, ...]) -> list[float]:
    bases = bases_of(shelf)
    families = families_of(bases)
    room = Room(cards=shelf, bases=bases)
    said = [str(turns[0]) for name in sets() for turns in _turns(name)]
    spent: list[float] = []
    for words in said * ROUNDS:
        began = time.thread_time()
        intent = reader.read_now(words, room).intent
        if isinstance(intent, Generate) and not intent.settings.base:
            names = {look.name for look in intent.looks}
            if len({card.family for card in shelf if card.name in names}) < 2:
                plain = intent.model_copy(update={"settings": type(intent.settings)()})
                planner.plan(plain, cards=shelf, bases=bases, families=families, seed=1)
        spent.append(time.thread_time() - began)
    return spent


def _turns(name: str) -> list[list[object]]:
    found = [label["turns"] for label in labels_of(name)]
    return [turns for turns in found if isinstance(turns, list)]


def _many() -> tuple[Card, ...]:
    """The cards of a labelled set among thousands with invented names, triggers and tags."""
    cards = list(cards_of(sets()[0]))
    for number in range(LOOKS - len(cards)):
        parts = [SYLLABLES[(number // 12**place) % 12] for place in range(4)]
        name = "".join(parts).capitalize()
        cards.append(
            Card(
                name=f"{name} {number}",
                kind=KINDS[number % len(KINDS)],
                family="sdxl",
                triggers=(Trigger(word=f"{parts[3]}{number}x"),),
                tags=(parts[0] + parts[1], f"tag {number % 500}"),
                description=f"{name} in the manner of {parts[2]}{parts[1]}, number {number}",
            )
        )
    return tuple(cards)
