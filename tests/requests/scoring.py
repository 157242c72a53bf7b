"""Scores the director on labelled requests: intent, exact set of LoRAs, everything right.

A set is a folder with `cards.jsonl` (one card a line) and `requests.jsonl`: the turns and what is
right for the last of them. What a label leaves out is not looked at, with three exceptions: the
intent is `generate`, no LoRA is chosen and nothing is asked unless the label says otherwise.
`may_ask` is for words that a person could mean either way: a question is as right as none.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from engine.director.batch import plan_batch
from engine.director.cards import cards_from_json
from engine.messages import Card

HERE = Path(__file__).parent
Planned = Mapping[str, object]
Label = Mapping[str, object]
_DRAWN = frozenset({"generate", "edit"})


@dataclass(frozen=True)
class Miss:
    """One request that went wrong, and how."""

    turns: tuple[str, ...]
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        return f"{' / '.join(self.turns)[:150]}\n      " + "\n      ".join(self.wrong)


@dataclass
class Figures:
    """Shares of a set, each with how many requests it is about."""

    requests: int = 0
    intents_right: int = 0
    loras_right: int = 0
    loras_asked: int = 0
    none_right: int = 0
    none_asked: int = 0
    all_right: int = 0
    misses: list[Miss] = field(default_factory=list)

    @cached_property
    def intent(self) -> float:
        return self.intents_right / self.requests

    @cached_property
    def exact(self) -> float:
        return self.loras_right / self.loras_asked if self.loras_asked else 1.0

    @cached_property
    def none(self) -> float:
        return self.none_right / self.none_asked if self.none_asked else 1.0

    @cached_property
    def everything(self) -> float:
        return self.all_right / self.requests

    def __str__(self) -> str:
        return (
            f"{self.requests} requests: intent {self.intent:.1%}, exact LoRAs {self.exact:.1%}, "
            f"none chosen {self.none:.1%} of {self.none_asked}, everything {self.everything:.1%}"
        )


def sets() -> tuple[str, ...]:
    """Names of the labelled sets, in order."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/requests.jsonl")))


def cards_of(name: str) -> tuple[Card, ...]:
    """The cards of a set."""
    return cards_from_json("[" + ",".join(_lines(HERE / name / "cards.jsonl")) + "]")


def labels_of(name: str) -> list[dict[str, object]]:
    """The requests of a set with their labels."""
    return [json.loads(line) for line in _lines(HERE / name / "requests.jsonl")]


def measure(name: str) -> Figures:
    """The figures of one set."""
    cards, labels = cards_of(name), labels_of(name)
    plans = _plans([_turns(label) for label in labels], cards)
    before = _plans([_turns(label)[:-1] or ["-"] for label in labels], cards)
    figures = Figures()
    for label, planned, earlier in zip(labels, plans, before, strict=True):
        _count(figures, label, planned, earlier)
    return figures


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _turns(label: Label) -> list[str]:
    turns = label["turns"]
    return turns if isinstance(turns, list) else []


def _plans(said: list[list[str]], cards: tuple[Card, ...]) -> list[dict[str, object]]:
    lines = [json.dumps({"id": "same", "turns": turns}) for turns in said]
    return list(plan_batch(lines, cards))


def _count(figures: Figures, label: Label, planned: Planned, earlier: Planned) -> None:
    wrong = [told for told in (check(label, planned, earlier) for check in _CHECKS) if told]
    intent_wrong = _intent(label, planned, earlier)
    figures.requests += 1
    figures.intents_right += not intent_wrong
    figures.all_right += not wrong
    if not label.get("any_loras"):
        right = not _loras(label, planned, earlier)
        figures.loras_asked += 1
        figures.loras_right += right
        is_plain = not label.get("loras") and not label.get("asks") and not label.get("refuses")
        if is_plain and label.get("intent", "generate") in _DRAWN:
            figures.none_asked += 1
            figures.none_right += not planned["loras"]
    if wrong:
        figures.misses.append(Miss(tuple(_turns(label)), tuple(wrong)))


# --- one check each: empty when right, else what is wrong ------------------------------------


def _names(planned: Planned) -> dict[str, float]:
    loras = planned.get("loras")
    return {lora["name"]: lora["weight"] for lora in loras} if isinstance(loras, list) else {}


def _listed(label: Label, key: str) -> list[str]:
    value = label.get(key)
    return value if isinstance(value, list) else []


def _intent(label: Label, planned: Planned, earlier: Planned) -> str:
    wanted, found = label.get("intent", "generate"), planned.get("intent")
    return "" if wanted == found else f"intent {found}, not {wanted} ({planned.get('reply')})"


def _loras(label: Label, planned: Planned, earlier: Planned) -> str:
    if label.get("any_loras"):
        return ""
    wanted, found = sorted(_listed(label, "loras")), sorted(_names(planned))
    if not wanted and "loras" not in label and planned.get("intent") not in _DRAWN:
        return ""
    return "" if wanted == found else f"loras {found}, not {wanted} ({planned.get('reply')})"


def _asks(label: Label, planned: Planned, earlier: Planned) -> str:
    if label.get("intent", "generate") not in _DRAWN:
        return ""
    reply = str(planned.get("reply"))
    if label.get("may_ask"):
        return ""
    if label.get("refuses"):
        return "" if reply else "neither refused nor explained"
    asked = reply.rstrip().endswith("?")
    return "" if asked == bool(label.get("asks")) else f"reply: {reply!r}"


def _settings(label: Label, planned: Planned, earlier: Planned) -> str:
    keys = ("family", "count", "seed", "steps", "guidance", "width", "height", "about")
    wrong = [
        f"{key} {planned.get(key)}, not {label[key]}"
        for key in keys
        if key in label and planned.get(key) != label[key]
    ]
    return "; ".join(wrong)


def _shape(label: Label, planned: Planned, earlier: Planned) -> str:
    width, height = planned.get("width"), planned.get("height")
    if "shape" not in label:
        return ""
    if not isinstance(width, int) or not isinstance(height, int):
        return "no size"
    found = "square" if width == height else "wide" if width > height else "tall"
    return "" if found == label["shape"] else f"shape {width}x{height}, not {label['shape']}"


def _texts(label: Label, planned: Planned, earlier: Planned) -> str:
    wrong = []
    for key in ("prompt", "negative"):
        text = str(planned["prompt" if key == "prompt" else "negative_prompt"]).casefold()
        wrong += [
            f"{key} lacks {part!r}: {text!r}"
            for part in _listed(label, f"{key}_has")
            if part.casefold() not in text
        ]
        wrong += [
            f"{key} holds {part!r}: {text!r}"
            for part in _listed(label, f"{key}_lacks")
            if part.casefold() in text
        ]
    return "; ".join(wrong)


def _weights(label: Label, planned: Planned, earlier: Planned) -> str:
    now, old = _names(planned), _names(earlier)
    wanted = label.get("weights")
    wrong = []
    for name, (low, high) in wanted.items() if isinstance(wanted, dict) else ():
        if not low - 1e-6 <= now.get(name, -9.0) <= high + 1e-6:
            wrong.append(f"weight of {name} {now.get(name)}, not {low} to {high}")
    for key, sign in (("weaker", 1), ("stronger", -1)):
        wrong += [
            f"{name} not {key}: {old.get(name)} -> {now.get(name)}"
            for name in _listed(label, key)
            if not sign * now.get(name, 0.0) < sign * old.get(name, 0.0)
        ]
    return "; ".join(wrong)


def _seed(label: Label, planned: Planned, earlier: Planned) -> str:
    if label.get("same_seed") and planned.get("seed") != earlier.get("seed"):
        return f"seed {planned.get('seed')}, not {earlier.get('seed')}"
    return ""


def _results(label: Label, planned: Planned, earlier: Planned) -> str:
    found = planned.get("results")
    names = found if isinstance(found, list) else []
    missing = [name for name in _listed(label, "results_have") if name not in names]
    if missing:
        return f"results {names[:6]} lack {missing}"
    only = _listed(label, "results_are")
    return f"results {names[:6]}, not {only}" if only and sorted(names) != sorted(only) else ""


Check = Callable[[Label, Planned, Planned], str]
_CHECKS: tuple[Check, ...] = (
    _intent,
    _loras,
    _asks,
    _settings,
    _shape,
    _texts,
    _weights,
    _seed,
    _results,
)
