"""Everyday sentences and what must be understood: the prompt, the looks, the settings."""

from collections.abc import Callable

import pytest

from engine.messages import Generate, Reading

Read = Callable[..., Reading]
Looks = dict[str, float | None]

WISHES: list[tuple[str, str, Looks]] = [
    # plain pictures: the words stay as they are
    ("a red circle on a blue background", "a red circle on a blue background", {}),
    ("three red circles", "three red circles", {}),
    ("two cats playing chess in the rain", "two cats playing chess in the rain", {}),
    ("a fox", "a fox", {}),
    ("Paris at night, seen from a rooftop", "Paris at night, seen from a rooftop", {}),
    ("an old man with a long beard", "an old man with a long beard", {}),
    ("a sunset over the sea", "a sunset over the sea", {}),
    ("a lighthouse in a storm", "a lighthouse in a storm", {}),
    # politeness and chatter
    ("please draw me a fox", "a fox", {}),
    ("can you make a picture of a fox?", "a fox", {}),
    ("Could you please draw a fox for me? Thanks!", "a fox", {}),
    ("hi! i'd like to see a dog on a skateboard please", "a dog on a skateboard", {}),
    ("hey bot, show me a castle on a hill", "a castle on a hill", {}),
    ("I want a picture of a castle", "a castle", {}),
    ("generate an image of a robot holding a flower", "a robot holding a flower", {}),
    ("let's see a whale in space", "a whale in space", {}),
    ("/imagine a glass tower", "a glass tower", {}),
    ("ok so maybe a small house in the woods", "a small house in the woods", {}),
    ("give me a cup of coffee", "a cup of coffee", {}),
    ("would you mind drawing a tree?", "a tree", {}),
    ("use sdxl and draw a knight", "a knight", {}),
    ("a fast train with red doors", "a fast train with red doors", {}),
    ("now a dog on a skateboard", "a dog on a skateboard", {}),
    ("zib, no hat, --no glasses seed 7 steps 30", "zib", {"Zib": None}),
    ("zib --no neon --seed 4", "zib", {"Zib": None}),
    # looks by name
    ("Zib", "Zib", {"Zib": None}),
    ("zib on a skateboard", "zib on a skateboard", {"Zib": None}),
    (
        "Zib in neon on a blue background",
        "Zib in neon on a blue background",
        {"Zib": None, "Neon": None},
    ),
    ("draw Mira in a linocut style", "Mira in a linocut style", {"Mira": None, "Linocut": None}),
    ("MIRA AT GOLDEN HOUR", "MIRA AT GOLDEN HOUR", {"Mira": None, "Golden Hour": None}),
    (
        "captain brass and zib on a ship",
        "captain brass and zib on a ship",
        {"Captain Brass": None, "Zib": None},
    ),
    ("Mira's birthday party", "Mira's birthday party", {"Mira": None}),
    ("a neon fox", "a neon fox", {"Neon": None}),
    ("a mosaic of a peacock", "a mosaic of a peacock", {"Mosaic": None}),
    ("a fox, mosaic", "a fox, mosaic", {"Mosaic": None}),
    ("a moon lantern on a table", "a moon lantern on a table", {"Moon Lantern": None}),
    ("neon-style Zib", "neon-style Zib", {"Neon": None, "Zib": None}),
    ("a harbour in flat anime", "a harbour in flat anime", {"flat_anime_v2": None}),
    ("portrait of Rose", "portrait of Rose", {"Rose": None}),
    # by alias, trigger and part
    ("a fox in watercolor", "a fox in watercolor", {"Watercolour Dreams": None}),
    ("watercolour fox", "watercolour fox", {"Watercolour Dreams": None}),
    ("zibz creature in the snow", "zibz creature in the snow", {"Zib": None}),
    ("a street, inkwsh", "a street, inkwsh", {"Ink Wash": None}),
    ("a dog with neon glow", "a dog with neon glow", {"Neon": None}),
    # misspelt
    ("Mirra in the rain", "Mirra in the rain", {"Mira": None}),
    ("captian brass at sea", "captian brass at sea", {"Captain Brass": None}),
    ("zib as a linoct", "zib as a linoct", {"Zib": None, "Linocut": None}),
    ("a moon lantren", "a moon lantren", {"Moon Lantern": None}),
    ("moonlantern by the sea", "moonlantern by the sea", {"Moon Lantern": None}),
    # by tag, when it is clear
    ("our mascot on the moon", "our mascot on the moon", {"Zib": None}),
    ("a fox in a woodcut style", "a fox in a woodcut style", {"Linocut": None}),
    ("an ink portrait of a sailor", "an ink portrait of a sailor", {"Ink Wash": None}),
    ("the docks with a cyberpunk look", "the docks with a cyberpunk look", {"Neon": None}),
    # strengths
    ("Zib with a hint of neon", "Zib with neon", {"Zib": None, "Neon": 0.5}),
    ("Zib, subtle linocut", "Zib, linocut", {"Zib": None, "Linocut": 0.6}),
    ("Zib in neon at 0.7", "Zib in neon", {"Zib": None, "Neon": 0.7}),
    ("Neon at 70%, a fox", "Neon, a fox", {"Neon": 0.7}),
    ("heavy neon on a fox", "neon on a fox", {"Neon": 1.3}),
    ("a fox in half strength neon", "a fox in neon", {"Neon": 0.5}),
    ("a fox in neon at half strength", "a fox in neon", {"Neon": 0.5}),
    ("<lora:neon:0.7> a fox", "a fox", {"Neon": 0.7}),
    ("a fox <lora:flat_anime_v2:0.8>", "a fox", {"flat_anime_v2": 0.8}),
    ("a portrait with lots of film grain", "a portrait with film grain", {"Film Grain": 0.78}),
    ("Mira, neon strength 0.4", "Mira, neon", {"Mira": None, "Neon": 0.4}),
    ("a cat in neon, but subtle", "a cat in neon", {"Neon": 0.6}),
    # instructions about looks leave the prompt
    ("a fox using the Neon lora", "a fox", {"Neon": None}),
    ("use linocut, a ship at sea", "a ship at sea", {"Linocut": None}),
    # attention syntax stays
    ("(glowing eyes:1.3), [fog], Zib", "(glowing eyes:1.3), [fog], Zib", {"Zib": None}),
    ("a ((huge)) castle, (neon:1.2)", "a ((huge)) castle, (neon:1.2)", {"Neon": None}),
]


@pytest.mark.parametrize(("said", "prompt", "looks"), WISHES, ids=[row[0] for row in WISHES])
def test_a_wish_is_read(read: Read, said: str, prompt: str, looks: Looks) -> None:
    intent = read(said).intent

    assert isinstance(intent, Generate)
    assert intent.prompt == prompt
    assert {look.name: look.strength for look in intent.looks} == looks


FALSE_FRIENDS = [
    "a miracle at sea",
    "a brass band in the park",
    "a captain on the bridge of a ship",
    "a red rose in a vase",
    "a field of roses",
    "a neon sign in the rain",
    "an ink bottle on a desk",
    "a mosaic floor in a church",
    "a golden retriever at the beach",
    "an hour glass on a shelf",
    "a moon over a lake",
    "a paper lantern on a boat",
    "a film director shouting",
    "a beautiful woman",
    "a girl with plum coloured shoes",
    "an alien landscape",
    "a pirate ship",
    "soft light on a face",
    "mirror on the wall",
    "a rib cage",
    "zip line over a valley",
    "minerals in a cave",
    "Mara on a swing",
    "grain fields in summer",
    'a sign that says "Neon"',
    "tiles on a roof",
    "a bathroom with tiles",
    "a castle in stone",
    "a night scene in Paris",
    "a glow of fireflies",
    "a soft light",
    "a print shop",
]


@pytest.mark.parametrize("said", FALSE_FRIENDS)
def test_ordinary_words_call_no_look(read: Read, said: str) -> None:
    reading = read(said)

    assert isinstance(reading.intent, Generate)
    assert reading.intent.looks == ()
    assert reading.reply == ""
    assert reading.intent.prompt == said


SETTINGS: list[tuple[str, str, dict[str, object]]] = [
    ("three pictures of a fox", "a fox", {"count": 3}),
    ("draw me 4 images of a fox please", "a fox", {"count": 4}),
    ("a fox x4", "a fox", {"count": 4}),
    ("a fox, 2 of them", "a fox", {"count": 2}),
    ("a fox, three versions", "a fox", {"count": 3}),
    ("a couple of pictures of a fox", "a fox", {"count": 2}),
    ("a 4x4 truck in the mud", "a 4x4 truck in the mud", {}),
    ("a wall with two paintings of a cat", "a wall with two paintings of a cat", {}),
    ("a fox, 768x512", "a fox", {"width": 768, "height": 512}),
    ("a fox at 1024 x 768 pixels", "a fox", {"width": 1024, "height": 768}),
    ("a fox in portrait format", "a fox", {"aspect": "portrait"}),
    ("a fox, 16:9", "a fox", {"aspect": "16:9"}),
    ("a clock at 9:30", "a clock at 9:30", {}),
    ("a green square on white", "a green square on white", {}),
    ("a fox, square", "a fox", {"aspect": "square"}),
    ("a wide picture of the sea", "the sea", {"aspect": "wide"}),
    ("a mountain landscape with a lake", "a mountain landscape with a lake", {}),
    ("a fox --ar 3:2 --seed 5", "a fox", {"aspect": "3:2", "seed": 5}),
    ("a fox, seed 7", "a fox", {"seed": 7}),
    ("a fox with seed 7", "a fox", {"seed": 7}),
    ("a seed in the ground", "a seed in the ground", {}),
    ("a fox, 20 steps", "a fox", {"steps": 20}),
    ("a fox in 20 steps, cfg 5.5", "a fox", {"steps": 20, "guidance": 5.5}),
    ("a staircase with 20 steps", "a staircase with 20 steps", {}),
    ("a fox using sdxl", "a fox", {"base": "sdxl-house"}),
    ("a fox on the miniature base", "a fox", {"base": "miniature"}),
    ("a miniature town on a table", "a miniature town on a table", {}),
    ("a fox, sampler euler", "a fox", {"scheduler": "euler"}),
    (
        "a fox\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12, Size: 512x640",
        "a fox",
        {
            "steps": 20,
            "scheduler": "euler a",
            "guidance": 7.0,
            "seed": 12,
            "width": 512,
            "height": 640,
        },
    ),
]


@pytest.mark.parametrize(("said", "prompt", "settings"), SETTINGS, ids=[r[0] for r in SETTINGS])
def test_settings_leave_the_prompt(
    read: Read, said: str, prompt: str, settings: dict[str, object]
) -> None:
    intent = read(said).intent

    assert isinstance(intent, Generate)
    assert intent.settings.model_dump(exclude_none=True) == settings
    assert intent.prompt == prompt


NEGATIONS = [
    ("a street without people at night", "a street at night", "people"),
    ("a forest, no people and no cars", "a forest", "people, cars"),
    ("a room, no text or watermark", "a room", "text, watermark"),
    ("a garden with no flowers", "a garden", "flowers"),
    ("a city, avoid cars", "a city", "cars"),
    ("a city --no cars, rain", "a city", "cars, rain"),
    ("a knight, don't add any background", "a knight", "background"),
    ("a fox\nNegative prompt: blurry, text", "a fox", "blurry, text"),
    ("a no parking sign", "a no parking sign", ""),
    ("no one in a hall", "no one in a hall", ""),
]


@pytest.mark.parametrize(("said", "prompt", "negative"), NEGATIONS, ids=[r[0] for r in NEGATIONS])
def test_what_is_unwanted_goes_to_the_negative_prompt(
    read: Read, said: str, prompt: str, negative: str
) -> None:
    intent = read(said).intent

    assert isinstance(intent, Generate)
    assert intent.negative_prompt == negative
    assert intent.prompt == prompt


@pytest.mark.parametrize(
    "said", ["Zib without the neon", "Zib, no neon", "Zib but don't use neon", "Zib without neon"]
)
def test_an_unwanted_look_is_only_left_out(read: Read, said: str) -> None:
    intent = read(said).intent

    assert isinstance(intent, Generate)
    assert [look.name for look in intent.looks] == ["Zib"]
    assert intent.prompt == "Zib"
    assert intent.negative_prompt == ""


QUESTIONS = [
    ("a fox in an anime style", ("flat_anime_v2", "Ghostly Anime")),
    ("Zib or Mira on a hill", ("Zib", "Mira")),
    ("a fox in neon or linocut", ("Neon", "Linocut")),
    ("a digital illustration of a cat", ("flat_anime_v2", "Ghostly Anime")),
    ("a cat in a digital illustration style", ("flat_anime_v2", "Ghostly Anime")),
]


@pytest.mark.parametrize(("said", "choices"), QUESTIONS, ids=[row[0] for row in QUESTIONS])
def test_a_choice_that_matters_is_asked_not_guessed(
    read: Read, said: str, choices: tuple[str, ...]
) -> None:
    reading = read(said)

    assert isinstance(reading.intent, Generate)
    assert not {look.name for look in reading.intent.looks} & set(choices)
    assert reading.reply.endswith("?")
    assert all(name in reading.reply for name in choices)
