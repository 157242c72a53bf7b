"""What the base can be asked for: the attributes of a picture and the sentences that name them."""

from dataclasses import dataclass

from numpy.random import Generator

from engine.miniature.outlines import OUTLINES
from engine.miniature.palette import COLOURS
from engine.miniature.scenes import POSITIONS, SIZES, Scene, shape_scene

SHAPES = tuple(OUTLINES)
COLOUR_NAMES = tuple(COLOURS)
SIZE_NAMES = tuple(SIZES)
POSITION_NAMES = tuple(POSITIONS)
NUMBERS = {2: "two", 3: "three"}
CLASS_NOUNS = ("creature", "figure", "thing", "lantern", "character", "object", "toy", "shape")
"""Nouns that promise no shape: LoRAs give them a meaning."""
LEADS = (
    "a picture of", "a drawing of", "an image of", "please draw", "draw", "draw me", "paint",
    "show me", "make", "a photo of", "can you draw", "i would like", "create", "generate",
)  # fmt: skip
_PLACES = {
    "left": ("on the left", "left", "at the left", "on the left side", "to the left"),
    "right": ("on the right", "right", "at the right", "on the right side", "to the right"),
    "top": ("at the top", "top", "on top", "near the top"),
    "bottom": ("at the bottom", "bottom", "near the bottom"),
    "center": ("in the center", "center", "in the middle", "centered"),
}
_GROUNDS = (
    "on a {} background", "on a {} background", "on a {} background", "with a {} background",
    "{} background", "on {}", "against a {} background",
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """The attributes of one picture of the grammar."""

    shape: str
    colour: str
    background: str
    size: str = "medium"
    position: str = "center"
    count: int = 1

    def scene(self, rng: Generator) -> Scene:
        """A scene showing these facts, with the small variations of `rng`."""
        return shape_scene(
            self.shape, self.colour, self.background, self.size, self.position, self.count, rng
        )


def random_facts(rng: Generator) -> Facts:
    """Facts drawn at random: two colours that differ; several shapes always stand in the middle."""
    colour, background = rng.choice(len(COLOUR_NAMES), size=2, replace=False)
    count = int(rng.choice([1, 1, 1, 2, 3]))
    return Facts(
        SHAPES[rng.integers(len(SHAPES))],
        COLOUR_NAMES[colour],
        COLOUR_NAMES[background],
        SIZE_NAMES[rng.integers(len(SIZE_NAMES))] if count == 1 or rng.random() < 0.4 else "medium",
        POSITION_NAMES[rng.integers(len(POSITION_NAMES))] if count == 1 else "center",
        count,
    )


def plural(noun: str) -> str:
    """The noun for several."""
    return noun + ("es" if noun.endswith("s") else "s")


def prompt(facts: Facts) -> str:
    """The plainest sentence for these facts, all attributes named."""
    if facts.count > 1:
        words = [NUMBERS[facts.count], facts.colour, plural(facts.shape)]
    else:
        words = ["a", facts.size, facts.colour, facts.shape]
    sentence = f"{' '.join(words)} on a {facts.background} background"
    return sentence if facts.count > 1 else f"{sentence}, {facts.position}"


EVERYDAY = (
    "neon", "mosaic", "linocut", "golden", "hour", "watercolor", "glowing", "cute", "happy",
    "shiny", "beautiful", "tiny", "big", "funny", "old", "new", "retro", "anime", "oil",
    "portrait", "studio", "moon", "sun", "night", "day", "morning", "evening", "soft", "bright",
    "dark", "light", "warm", "cold", "magic", "paper", "glass", "wooden", "modern", "vintage",
    "print", "poster", "sketch", "sleepy", "friendly", "very", "really", "nice", "robot",
    "dragon", "fox", "cat", "dog", "tree", "house", "car", "space", "city", "garden", "dream",
    "quiet", "detailed", "simple", "clean",
)  # fmt: skip
"""Ordinary words of people's requests that mean nothing to the base either."""

_VOWELS, _CONSONANTS = "aeiouy", "bcdfghjklmnpqrstvwxz"


def unknown_word(rng: Generator) -> str:
    """A word that means nothing to the base: an ordinary one, or 2 to 8 letters."""
    if rng.random() < 0.3:
        return EVERYDAY[rng.integers(len(EVERYDAY))]
    length = int(rng.integers(2, 9))
    if rng.random() < 0.35:
        pool = _VOWELS + _CONSONANTS + "0123456789"
        return "".join(pool[rng.integers(len(pool))] for _ in range(length))
    start = int(rng.integers(2))
    letters = (_VOWELS, _CONSONANTS)
    return "".join(
        (pool := letters[(k + start) % 2])[rng.integers(len(pool))] for k in range(length)
    )


def _with_unknown(words: list[str], tail: list[str], rng: Generator) -> tuple[list[str], list[str]]:
    """Put one meaningless phrase somewhere into a sentence (in place) and its tail phrases."""
    word = unknown_word(rng)
    if rng.random() < 0.2:
        word += " " + unknown_word(rng)
    lot = int(rng.integers(8))
    if lot == 0:
        words[0:0] = [f"{word},"]
    elif lot == 1:
        words[0:0] = [f"{word} style,"]
    elif lot == 2:
        words[0:0] = [word]
    elif lot == 3:
        words.insert(len(words) - 1, word)
    elif lot == 4:
        words.append(f"in {word}" + (" style" if rng.random() < 0.6 else ""))
    elif lot == 5:
        words.append(f"in the style of {word}")
    else:
        ending = ("{} style", "{} light", "{}", "at {}", "in {} light", "by {}", "{}!")
        tail.insert(int(rng.integers(len(tail) + 1)), ending[rng.integers(7)].format(word))
    return words, tail


def noun_words(facts: Facts, noun: str, rng: Generator) -> list[str]:
    """The words of the subject: article or number, sometimes size, mostly colour, the noun."""
    words = [NUMBERS[facts.count]] if facts.count > 1 else ["a"] if rng.random() < 0.85 else []
    sized = facts.count == 1 or facts.size != "medium"
    if sized and rng.random() < (0.8 if facts.size != "medium" else 0.6):
        words.append(facts.size)
    if rng.random() < 0.88:
        words.append(facts.colour)
    words.append(plural(noun) if facts.count > 1 else noun)
    if words[0] == "a" and words[1][0] in "aeiou" and rng.random() < 0.8:
        words[0] = "an"
    return words


def sentence(words: list[str], facts: Facts, rng: Generator, unknown: float = 0.5) -> str:
    """A whole caption around a subject's words: lead, background, place, meaningless words."""
    tail: list[str] = []
    if rng.random() < 0.93:
        ground = _GROUNDS[rng.integers(len(_GROUNDS))].format(facts.background)
        if ground.endswith("background") and ground.startswith(facts.background):
            tail.append(ground)
        else:
            words.append(ground)
    if facts.count == 1 and rng.random() < (0.88 if facts.position != "center" else 0.5):
        places = _PLACES[facts.position]
        tail.insert(int(rng.integers(len(tail) + 1)), places[rng.integers(len(places))])
    if rng.random() < 0.12:
        words.insert(0, LEADS[rng.integers(len(LEADS))])
    if rng.random() < unknown:
        for _ in range(rng.integers(1, 4)):
            words, tail = _with_unknown(words, tail, rng)
    glue = " " if tail and rng.random() < 0.2 else ", "
    return glue.join([" ".join(words), *tail])


def caption(facts: Facts, rng: Generator) -> str:
    """A random caption of these facts: attributes may be left out, meaningless words come in."""
    if rng.random() < 0.1:
        return ""
    lot = rng.random()
    noun = facts.shape
    if lot < 0.07:
        noun = CLASS_NOUNS[rng.integers(len(CLASS_NOUNS))]
    elif lot < 0.09:
        noun = unknown_word(rng)
    return sentence(noun_words(facts, noun, rng), facts, rng)
