"""Prompts for CLIP encoders with weights and of any length, as the A1111 web UI encodes them.

A prompt is cut into chunks of what the encoder takes (75 tokens between start and end); the
states of all chunks stand one behind the other. A chunk that would end within a phrase ends at
the comma before it, when that is near. Weights multiply the states of their tokens, after which
the chunk's mean is put back to what it was (A1111's original normalisation). The pooled vector is
that of the first chunk and knows no weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from engine.families.emphasis import pieces

BACK_TO_COMMA = 20
"""Tokens that a chunk gives up at most, to end at a comma."""
LEAST_MEAN = 1e-8
"""A mean nearer to zero than this can't be put back."""


@dataclass(slots=True)
class Chunk:
    """Tokens between start and end, and the weight of each."""

    tokens: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, token: int, weight: float) -> None:
        """One token more."""
        self.tokens.append(token)
        self.weights.append(weight)

    def split(self, place: int) -> "Chunk":
        """Take off what is behind this place, and return it."""
        rest = Chunk(self.tokens[place:], self.weights[place:])
        del self.tokens[place:], self.weights[place:]
        return rest


@dataclass(frozen=True, slots=True)
class ClipText:
    """One CLIP encoder with its tokenizer; transformers ships no types."""

    tokenizer: Any
    encoder: Any
    is_penultimate: bool = False
    """Whether the states before the last layer are used, without the last norm (SDXL)."""

    @property
    def room(self) -> int:
        """Tokens of a chunk between start and end."""
        longest: int = self.encoder.config.max_position_embeddings
        return longest - 2

    def chunks(self, prompt: str) -> list[Chunk]:
        """The prompt in chunks, at least one."""
        found = [Chunk()]
        comma, last_comma = self._comma, -1
        for piece in pieces(prompt):
            if piece.breaks:
                found.append(Chunk())
                last_comma = -1
            for token in self._tokens(piece.words):
                chunk = found[-1]
                if len(chunk.tokens) == self.room:
                    near = last_comma >= 0 and len(chunk.tokens) - last_comma <= BACK_TO_COMMA
                    is_inside = near and token != comma
                    found.append(chunk.split(last_comma) if is_inside else Chunk())
                    last_comma = -1
                found[-1].add(token, piece.weight)
                if token == comma:
                    last_comma = len(found[-1].tokens)
        return found

    def _tokens(self, words: str) -> list[int]:
        if not words.strip():
            return []
        tokens: list[int] = self.tokenizer(
            words, add_special_tokens=False, truncation=False, verbose=False
        ).input_ids
        return tokens

    @property
    def _comma(self) -> int:
        found = self._tokens(",")
        return found[0] if len(found) == 1 else -1

    def encode(
        self, chunks: Sequence[Chunk], device: torch.device, skip: int = 0
    ) -> tuple[Tensor, Tensor | None]:
        """States (1, chunks * length, width) and the pooled vector where the encoder has one.

        `skip` is how many of the last layers are left out (A1111's clip skip less one).
        """
        states, pooled = [], None
        for chunk in chunks:
            hidden, vector = self._run(self._padded(chunk).to(device), skip)
            pooled = vector if pooled is None else pooled
            states.append(weighted(hidden, chunk.weights))
        return torch.cat(states, dim=1), pooled

    def _padded(self, chunk: Chunk) -> Tensor:
        pad = self.tokenizer.pad_token_id
        tokens = [self.tokenizer.bos_token_id, *chunk.tokens, self.tokenizer.eos_token_id]
        return torch.tensor([tokens + [pad] * (self.room + 2 - len(tokens))])

    def _run(self, ids: Tensor, skip: int) -> tuple[Tensor, Tensor | None]:
        answer = self.encoder(ids, output_hidden_states=bool(skip) or self.is_penultimate)
        pooled = answer[0] if answer[0].dim() == 2 else None
        if self.is_penultimate:
            return answer.hidden_states[-(skip + 2)], pooled
        if not skip:
            return answer[0], pooled
        inner = getattr(self.encoder, "text_model", self.encoder)
        return inner.final_layer_norm(answer.hidden_states[-(skip + 1)]), pooled


def weighted(states: Tensor, weights: Sequence[float]) -> Tensor:
    """States of one chunk with its tokens' weights, the mean of all put back."""
    if all(weight == 1.0 for weight in weights):
        return states
    factors = torch.ones(states.shape[1])
    factors[1 : 1 + len(weights)] = torch.tensor(weights)
    exact = states.float()
    turned = exact * factors.to(exact.device)[None, :, None]
    before, after = exact.mean(), turned.mean()
    if after.abs() > LEAST_MEAN:
        turned = turned * (before / after)
    return turned.to(states.dtype)


def as_long(one: list[Chunk], other: list[Chunk]) -> tuple[list[Chunk], list[Chunk]]:
    """Both with as many chunks as the longer one; empty ones fill up."""
    most = max(len(one), len(other))
    return (
        one + [Chunk() for _ in range(most - len(one))],
        other + [Chunk() for _ in range(most - len(other))],
    )
