"""Encoded prompts, kept by what was said and by the LoRAs that the text encoders had."""

from dataclasses import dataclass

import torch

from engine.messages import Plan
from engine.workers.layers import Stack, StackKey
from engine.workers.pipelines.pipeline import Conditioning, Pipeline, Words
from engine.workers.rows import words_of
from engine.workers.seams import Seams
from engine.workers.store import Counts, Store

KEPT_BYTES = 256 << 20
Key = tuple[Words, StackKey]


@dataclass(frozen=True, eq=False)
class Phrase:
    """What a prompt became, and text layers of its stack that were never run."""

    told: Conditioning
    silent: frozenset[str] = frozenset()

    @property
    def size_bytes(self) -> int:
        """Memory of its tensors."""
        told = (self.told.positive, self.told.negative or {})
        return sum(part.nbytes for words in told for part in words.values())


class Phrasebook:
    """The prompts of one base. A LoRA without text layers shares everybody's."""

    def __init__(self, pipeline: Pipeline, seams: Seams, kept_bytes: int = KEPT_BYTES) -> None:
        self._pipeline = pipeline
        self._seams = seams
        self._kept: Store[Key, Phrase] = Store(kept_bytes, lambda phrase: phrase.size_bytes)

    @property
    def counts(self) -> Counts:
        """How often a prompt was encoded already."""
        return self._kept.counts

    def get(self, plan: Plan, stack: Stack) -> Phrase:
        """The plan's prompts as this stack's text encoders understand them."""
        words = words_of(plan)
        return self._kept.get((words, stack.says), lambda: self._encode(words, stack))

    @torch.inference_mode()
    def _encode(self, words: Words, stack: Stack) -> Phrase:
        with self._seams.speaking(stack):
            told = self._pipeline.encode(words)
            silent = self._seams.silent(stack) & stack.text.keys()
        return Phrase(told, frozenset(silent))
