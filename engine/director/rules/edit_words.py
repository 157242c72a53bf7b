"""Words of changes, as data: places, times, comparatives and their opposites, views."""

from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


PLACES: Final = _set(
    """
    forest woods jungle beach shore coast city town village street alley road desert dunes mountain
    mountains hill hills valley canyon cave space moon mars planet ocean sea lake river pond
    waterfall island park garden field fields meadow farm barn kitchen bedroom bathroom bathtub
    office classroom school library museum cathedral church temple castle palace dungeon tower
    bridge harbor harbour dock pier ship boat deck train station airport airplane plane car bus
    subway metro cafe restaurant bar pub diner market mall shop store bakery theater theatre stage
    arena stadium gym hospital lab laboratory factory warehouse rooftop roof balcony porch yard
    backyard playground zoo circus carnival festival spaceship graveyard cemetery ruins swamp
    tundra arctic antarctica volcano cliff savanna prairie studio room house home cabin hut tent
    igloo paris tokyo london rome venice berlin york egypt japan underwater sky clouds orchard
    vineyard greenhouse attic basement bunker courtyard plaza square canal lagoon reef glacier
    lighthouse windmill mill arcade casino nightclub club saloon tavern inn hotel lobby elevator
    corridor hallway tunnel sewer highway bathhouse onsen pool sauna desk bench"""
)
TIMES: Final = _set(
    """
    night nighttime day daytime daylight dawn daybreak dusk sunset sunrise sundown noon midday
    midnight twilight morning evening afternoon moonlight"""
)
WEATHERS: Final = _set(
    """
    rain raining rainy snow snowing snowy fog foggy mist misty storm stormy thunderstorm sunny
    cloudy overcast windy blizzard sunshine drizzle haze hazy"""
)
SEASONS: Final = _set("winter summer spring autumn fall")
MONTHS: Final = _set(
    """
    january february march april may june july august september october november december"""
)
COMPARATIVES: Final[dict[str, str]] = {
    "darker": "dark", "brighter": "bright", "lighter": "bright", "warmer": "warm colors",
    "colder": "cold colors", "cooler": "cool colors", "moodier": "moody", "sharper": "sharp focus",
    "softer": "soft", "simpler": "simple", "cleaner": "clean", "closer": "close-up",
    "wider": "wide shot", "older": "older", "younger": "younger", "happier": "happy",
    "sadder": "sad", "angrier": "angry", "scarier": "scary", "cuter": "cute", "creepier": "creepy",
    "funnier": "funny", "weirder": "weird", "prettier": "pretty", "cozier": "cozy",
    "cosier": "cosy", "fluffier": "fluffy", "messier": "messy", "busier": "busy", "taller": "tall",
    "shorter": "short", "thinner": "thin", "fatter": "fat", "rounder": "round", "longer": "long",
    "fancier": "fancy", "grittier": "gritty", "dirtier": "dirty", "richer": "rich",
    "deeper": "deep", "bolder": "bold", "faster": "fast", "calmer": "calm", "wetter": "wet",
    "further": "seen from far away", "farther": "seen from far away", "stronger": "strong",
    "harsher": "harsh", "crisper": "crisp", "smoother": "smooth", "spookier": "spooky",
    "sunnier": "sunny", "wilder": "wild", "quieter": "quiet", "louder": "loud", "rougher": "rough",
    "gentler": "gentle", "thicker": "thick", "denser": "dense", "emptier": "empty",
    "stormier": "stormy", "clearer": "clear", "curlier": "curly", "nicer": "nice",
    "yellower": "yellow", "paler": "pale", "higher": "high", "lower": "low", "greyer": "gray",
    "foggier": "foggy", "redder": "red", "bluer": "blue", "greener": "green",
}  # fmt: skip
"""Comparatives -> words for the prompt."""
TREATMENTS: Final[dict[str, str]] = {
    "brighten": "bright",
    "darken": "dark",
    "lighten": "bright",
    "soften": "soft",
    "warm": "warm colors",
    "cool": "cool colors",
    "simplify": "simple",
    "declutter": "uncluttered",
    "blur": "blurry",
    "age": "older",
    "dim": "dim",
    "illuminate": "brightly lit",
    "enlarge": "large",
    "shrink": "small",
    "widen": "wide",
    "modernize": "modern",
    "modernise": "modern",
    "beautify": "beautiful",
    "roughen": "rough",
    "sharpen": "sharp focus",
    "tidy": "tidy",
    "deepen": "deep",
    "flatten": "flat",
}
"""Verbs of changes -> words for the prompt."""
OPPOSITES: Final[dict[str, str]] = {
    "dark": "bright", "bright": "dark", "light": "darker tones", "busy": "simple",
    "cluttered": "uncluttered",
    "crowded": "uncrowded", "plain": "detailed", "simple": "detailed", "empty": "detailed",
    "cold": "warm colors", "warm": "cool colors", "cool": "warm colors", "dull": "vivid colors",
    "boring": "dynamic", "colorful": "muted colors", "colourful": "muted colors",
    "bland": "vivid colors", "gray": "vivid colors", "grey": "vivid colors", "sharp": "soft focus",
    "soft": "sharp focus", "close": "seen from farther away", "far": "close-up",
    "zoomed": "wide shot",
    "serious": "cheerful", "sad": "happy", "happy": "serious", "scary": "friendly",
    "cute": "serious", "old": "young", "young": "old", "clean": "gritty", "dirty": "clean",
    "flat": "depth", "static": "dynamic", "childish": "mature style", "realistic": "stylized",
    "cartoony": "realistic", "cartoonish": "realistic", "pale": "vivid colors", "red": "less red",
    "vivid": "muted colors", "detailed": "simple", "blurry": "sharp focus",
    "modern": "old-fashioned",
    "tall": "short", "short": "tall", "thin": "sturdy", "fat": "slim", "formal": "casual",
}  # fmt: skip
OPPOSITES_OF_A_PART: Final[dict[str, str]] = {
    "short": "long", "long": "short", "big": "small", "large": "small", "small": "big",
    "dark": "light", "light": "dark", "bright": "dark", "wide": "narrow", "narrow": "wide",
    "thick": "thin", "thin": "thick", "messy": "neat", "neat": "messy", "straight": "curly",
    "curly": "straight", "tight": "loose", "loose": "tight", "old": "young", "plain": "ornate",
}  # fmt: skip
"""The same of what somebody has or wears: "his beard is too short"."""
"""What "too X" asks for instead."""
VIEWS: Final[dict[str, str]] = {
    "zoom in": "close-up", "zoom out": "wide shot", "close up": "close-up", "closeup": "close-up",
    "close-up": "close-up", "zoomed in": "close-up", "zoomed out": "wide shot",
    "wide shot": "wide shot", "wider shot": "wide shot", "full body": "full body",
    "full-body": "full body", "full body shot": "full body shot", "half body": "half body",
    "profile": "in profile", "profile view": "in profile", "side view": "side view",
    "from the side": "from the side", "from above": "from above", "from below": "from below",
    "from behind": "from behind", "from the front": "from the front", "low angle": "low angle",
    "high angle": "high angle", "bird's eye view": "bird's eye view", "top down": "top-down view",
    "top-down": "top-down view", "different angle": "from another angle",
    "another angle": "from another angle", "from another angle": "from another angle",
    "from a different angle": "from another angle", "move closer": "close-up",
    "get closer": "close-up", "closer": "close-up", "come closer": "close-up",
    "further away": "seen from far away", "farther away": "seen from far away",
    "back view": "from behind", "portrait shot": "portrait shot", "macro": "macro",
}  # fmt: skip
KIND_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "style": ("style",), "styles": ("style",), "look": ("style", "lighting", "effect"),
    "looks": ("style", "lighting", "effect"), "lora": ("style", "lighting", "effect"),
    "loras": ("style", "lighting", "effect", "concept", "object", "character"),
    "effect": ("effect", "style", "lighting"), "effects": ("effect", "style", "lighting"),
    "filter": ("effect", "style"), "lighting": ("lighting",), "light": ("lighting",),
    "lights": ("lighting",), "character": ("character",), "aesthetic": ("style",),
    "it": ("style", "lighting", "effect"), "everything": ("style", "lighting", "effect"),
    "that": ("style", "lighting", "effect"), "this": ("style", "lighting", "effect"),
}  # fmt: skip
"""Words that stand for the looks of a kind: "tone the style down"."""
SETTING_WORDS: Final = _set("background backdrop setting place location scene surroundings scenery")
"""What "change the background to X" replaces."""
