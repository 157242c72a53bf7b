"""Captions say what the picture shows, or leave it out."""

import numpy as np

from engine.miniature.grammar import COLOUR_NAMES, Facts, caption, prompt, random_facts


def test_plain_prompt_names_every_attribute() -> None:
    assert (
        prompt(Facts("heart", "pink", "blue", "large", "left"))
        == "a large pink heart on a blue background, left"
    )
    assert (
        prompt(Facts("cross", "red", "white", count=3)) == "three red crosses on a white background"
    )


def test_captions_never_name_a_wrong_colour() -> None:
    for seed in range(300):
        rng = np.random.default_rng(seed)
        facts = random_facts(rng)
        said = set(caption(facts, rng).replace(",", " ").split()) & set(COLOUR_NAMES)
        assert said <= {facts.colour, facts.background}


def test_some_captions_are_empty_so_that_guidance_works() -> None:
    rng = np.random.default_rng(2)
    empty = sum(caption(random_facts(rng), rng) == "" for _ in range(500))
    assert 25 <= empty <= 80


def test_same_seed_gives_the_same_picture_and_caption() -> None:
    first, second = (np.random.default_rng(9) for _ in range(2))
    assert caption(random_facts(first), first) == caption(random_facts(second), second)
