"""The tokenizer and the text encoder of the miniature, both small enough to learn with it."""

import functools
import json

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer, T5TokenizerFast

from engine.miniature.grammar import EVERYDAY, caption, random_facts, unknown_word

TEXT_LENGTH = 48
"""Tokens of a prompt."""
TEXT_WIDTH = 96
"""Numbers a token."""
ENTRIES = 900
_START, _END = "<|startoftext|>", "<|endoftext|>"
_SPLIT = (
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
)


@functools.cache
def new_tokenizer(seed: int = 5) -> CLIPTokenizer:
    """A byte-level BPE tokenizer learned from the grammar's captions and from invented words."""
    rng = np.random.default_rng(seed)
    corpus = [caption(random_facts(rng), rng) for _ in range(6000)]
    corpus += [" ".join(EVERYDAY)] * 20 + [unknown_word(rng) for _ in range(4000)]
    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learner.normalizer = normalizers.Lowercase()
    learner.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(_SPLIT), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])  # fmt: skip
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=ENTRIES, initial_alphabet=alphabet, end_of_word_suffix="</w>",
        show_progress=False, special_tokens=[_START, _END],
    )  # fmt: skip
    learner.train_from_iterator(corpus, trainer)
    learned = json.loads(learner.to_str())["model"]
    vocab = dict(learned["vocab"])
    for letter in alphabet:
        for token in (letter, letter + "</w>"):
            vocab.setdefault(token, len(vocab))
    merges = [tuple(pair) for pair in learned["merges"]]
    return CLIPTokenizer(
        vocab=vocab, merges=merges, bos_token=_START, eos_token=_END, unk_token=_END,
        pad_token=_END, model_max_length=TEXT_LENGTH,
    )  # fmt: skip


def new_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """An untrained text encoder for this tokenizer."""
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=TEXT_WIDTH, intermediate_size=2 * TEXT_WIDTH,
        projection_dim=TEXT_WIDTH, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=TEXT_LENGTH, hidden_act="quick_gelu",
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    ))  # fmt: skip


def token_ids(tokenizer: CLIPTokenizer, captions: list[str]) -> Tensor:
    """The captions as padded token ids, (captions, TEXT_LENGTH)."""
    encoded = tokenizer(
        captions, padding="max_length", max_length=TEXT_LENGTH, truncation=True, return_tensors="pt"
    )
    ids: Tensor = encoded["input_ids"].to(torch.int64)
    return ids


def new_t5_tokenizer() -> T5TokenizerFast:
    """A tokenizer of T5's kind over single letters, for encoders of random weights."""
    letters = "▁abcdefghijklmnopqrstuvwxyz0123456789,.!?'-"
    pieces = [
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", 0.0),
        *((letter, -4.0) for letter in letters),
    ]
    return T5TokenizerFast(vocab=pieces, extra_ids=0, model_max_length=TEXT_LENGTH)
