"""The words that the rules reader knows, as data: numbers, strengths, cues, generic words."""

from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMBERS: Final[dict[str, int]] = {
    "a": 1, "an": 1, "one": 1, "single": 1, "two": 2, "couple": 2, "pair": 2, "three": 3, "few": 3,
    "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "dozen": 12, "twenty": 20,
}  # fmt: skip
FOREIGN_ARTICLES: Final = _set(
    "un une le la les des du der die das ein eine einen el los las una unos mon ma mi mein meine"
)
FOREIGN_ADJECTIVES: Final = _set("noir noire noirs gris rose or pastel retro rot gold silber oro")
"""Words of pictures here, colours or the like in other languages: "un chat noir"."""
FOREIGN_NUMBERS: Final[dict[str, int]] = {
    "zwei": 2, "drei": 3, "vier": 4, "f\u00fcnf": 5, "sechs": 6, "deux": 2, "trois": 3, "quatre": 4,
    "cinq": 5, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "due": 2, "tre": 3, "quattro": 4,
    "duas": 2, "tr\u00eas": 3, "quatro": 4, "\u4e8c": 2, "\u4e09": 3, "\u56db": 4, "\u4e94": 5,
    "\u516d": 6,
}  # fmt: skip
DETERMINERS: Final = _set(
    """
    a an the some any this that these those my your his her its our their each every many few
    several two three four five six seven eight nine ten no another"""
)
COLORS: Final = _set(
    """
    red orange yellow green blue purple pink white black brown gray teal cyan magenta violet
    turquoise beige gold golden silver cream crimson navy maroon olive indigo"""
)
SHADES: Final = _set("light dark bright pale deep soft pastel warm cool plain solid")

STYLE_NOUNS: Final = _set(
    """
    style styles styled look looks vibe vibes aesthetic aesthetics feel feeling mood lighting
    light lights effect effects filter finish treatment lora preset stylized stylised inspired
    esque type tone tones"""
)
"""After a look's word they say that a look is meant."""
LOOK_NOUNS: Final = _set("lora loras look style preset filter effect")
MEDIUM_NOUNS: Final = _set(
    """
    portrait painting drawing illustration sketch print poster photo photograph artwork art
    picture image render rendering shot scene comic cartoon animation still version
    composition"""
)
"""After a look's word they mostly say that a look is meant: "ink portrait"."""
PICTURE_MEDIA: Final = _set(
    """
    anime manga watercolor gouache linocut woodcut claymation cartoon vaporwave cyberpunk
    steampunk synthwave noir isometric sepia monochrome lowpoly ukiyo sumi impressionist cubist
    bauhaus pointillism voxel photorealistic chibi comic pixelart retrowave"""
)
"""Words that name a look wherever they stand before a noun: "an anime girl"."""
MATERIALS: Final = _set(
    """
    ink oil oils pencil charcoal chalk pastel pastels acrylic crayon clay plasticine lino etching
    engraving woodblock fresco papercut origami embroidery felt wool mosaic collage graffiti tempera
    aquarelle analog analogue polaroid vhs lomo daguerreotype halftone stencil screenprint risograph
    """
)
"""What pictures are made of: beside "in", "a ... of" or "portrait" they name a look."""
LIGHT_NOUNS: Final = _set("lighting light lights tone tones mood")
"""They say that a light is meant, not a style: "evening light"."""
NOT_A_PLACE_FOR_LOOKS: Final = _set(
    """
    space winter summer spring autumn fall night rain snow darkness water fog mist love motion
    flight town bed public bloom ruins shadow shadows nature church school battle front season
    color black white red blue green yellow pink purple orange gold silver profile winter sunlight
    moonlight sand fire smoke ice armor uniform costume silence peace london paris tokyo japan
    """
)
""""In winter" is a time, not a look."""
GENERIC: Final = _set(
    """
    style styles look looks art artwork artist illustration digital painting drawing photo
    photograph photography picture image portrait beautiful pretty detailed detail details high
    quality best masterpiece good nice cool amazing great girl boy man woman person people character
    characters figure creature thing object concept lighting light effect color colorful black white
    red blue green yellow orange purple pink dark bright soft warm cold simple modern classic
    vintage old new lora model version scene background face hair eyes dress solo cute funny small
    big large
    the and with for from into over under not all very more less any some line lines shape shapes
    like look made makes gives adds turns bold strong subtle heavy"""
)
"""Too common to call a LoRA: as a tag or a trigger they never do so alone."""
QUALITY: Final = _set(
    """
    masterpiece best quality high highest highly detailed detail details ultra very absurdres hd hq
    4k 8k uhd hdr sharp focus intricate professional award winning trending on artstation score up
    9 8 7 source anime 1girl 1boy solo looking at viewer simple white background full body upper
    upright standing smile depth of field aesthetic good great beautiful perfect"""
)
"""Words of praise and common tags of prompts: a trigger made of them means nothing at all."""
COLLOCATIONS: Final[dict[str, frozenset[str]]] = {
    "neon": _set("sign signs light lights tube tubes lamp lamps tetra tetras billboard city"),
    "ink": _set("bottle bottles cartridge stain stains pen pens well blot spill pot"),
    "film": _set("director festival set crew studio star strip reel camera camera poster"),
    "oil": _set("rig lamp lamps refinery barrel barrels drum spill tanker can field well"),
    "golden": _set("retriever retrievers gate eagle ring rings crown coin coins hair fish"),
    "glass": _set("bottle bottles door window table jar house of building vase slipper"),
    "clay": _set("pot pots jar jars court tablet brick bricks soil oven"),
    "pencil": _set("case box sharpener skirt cup holder on"),
    "mosaic": _set("floor floors tile tiles wall walls table ceiling"),
    "pixel": _set("phone watch"),
    "chalk": _set("board cliff cliffs dust"),
    "paper": _set("bag bags boat boats plane planes cup cups towel crane cranes lantern"),
    "marble": _set("floor table column columns statue staircase cake run"),
    "chrome": _set("bumper browser wheel wheels"),
    "comic": _set("book books shop store con relief"),
    "cartoon": _set("network"),
    "noir": _set("film films novel"),
    "watercolor": _set("set brush palette paper box tin pad paints"),
    "charcoal": _set("grill barbecue bbq briquettes filter suit pit"),
    "pastel": _set("colors color palette pink blue green yellow tones shades dress sky"),
    "retro": _set("car diner radio tv game"), "vintage": _set("car cars dress shop radio camera"),
    "wash": _set("basin cloth board machine room"), "crayon": _set("box"),
    "lego": _set("set store box"), "voxel": _set("engine"), "gold": _set("coin coins ring bar"),
    "grain": _set("silo field elevator of"), "origami": _set("paper"),
    "blueprint": _set("paper roll"), "embroidery": _set("hoop shop needle"),
    "stencil": _set("box"), "graffiti": _set("wall artist"), "sticker": _set("album"),
    "wool": _set("sweater sock socks coat hat scarf"), "felt": _set("hat tip board"),
    "anime": _set("convention con club"), "manga": _set("shop store shelf cafe book books"),
    "gothic": _set("church cathedral castle window arch"), "flare": _set("gun"),
    "chess": _set("board"), "aurora": _set("borealis australis"),
    "polaroid": _set("camera cameras"),
    "knitted": _set("sweater sweaters scarf hat cap gloves socks blanket jumper cardigan dress"),
    "crochet": _set("hook hooks needle blanket"), "embroidered": _set("dress shirt pillow"),
    "cyberpunk": _set("2077"), "silk": _set("road"),
    "ice": _set("cream cube cubes"),
    "velvet": _set("cloth curtain curtains sofa dress rope couch cushion"),
    "ember": _set("in"), "storm": _set("cloud clouds drain"), "hazel": _set("eyes"),
    "ruby": _set("ring slippers"), "iris": _set("flower flowers"), "jade": _set("statue ring"),
    "amber": _set("eyes necklace"), "robin": _set("hood egg nest"), "olive": _set("oil tree trees"),
    "ginger": _set("cat root tea bread"), "pepper": _set("mill grinder"), "sage": _set("tea"),
    "vhs": _set("tape tapes cassette cassettes player players recorder"),
    "silhouette": _set("of"), "tapestry": _set("on"),
}  # fmt: skip
"""Things that happen to start with a look's word: "an ink bottle" asks for no ink."""

WEAK: Final[dict[str, float]] = {
    "hint": 0.5, "touch": 0.5, "dash": 0.5, "trace": 0.4, "whisper": 0.4, "pinch": 0.5, "bit": 0.6,
    "little": 0.6, "tad": 0.6, "subtle": 0.6, "subtly": 0.6, "slight": 0.6, "slightly": 0.6,
    "faint": 0.5, "faintly": 0.5, "mild": 0.7, "mildly": 0.7, "gentle": 0.7, "gently": 0.7,
    "lightly": 0.6, "barely": 0.4, "understated": 0.6, "delicate": 0.6, "weak": 0.6, "half": 0.5,
    "softly": 0.7,
}  # fmt: skip
"""Words before or after a look -> factor on its own weight."""
STRONG: Final[dict[str, float]] = {
    "strong": 1.25, "strongly": 1.25, "heavy": 1.3, "heavily": 1.3, "intense": 1.3,
    "intensely": 1.3, "bold": 1.2, "boldly": 1.2, "extreme": 1.4, "extremely": 1.4,
    "extra": 1.25, "lots": 1.3,
    "lot": 1.3, "loads": 1.3, "tons": 1.4, "very": 1.2, "super": 1.3, "really": 1.2, "full-on": 1.3,
    "maximum": 1.4, "max": 1.4, "dramatic": 1.25, "powerful": 1.25, "overpowering": 1.4,
    "plenty": 1.25,
}  # fmt: skip
STEP_DOWN: Final = 0.7
"""Factor of "less X", "weaker"; its inverse is "more X"."""

ASPECTS: Final[dict[str, str]] = {
    "portrait": "3:4", "vertical": "3:4", "upright": "3:4", "tall": "9:16", "landscape": "4:3",
    "horizontal": "4:3", "square": "1:1", "squared": "1:1", "wide": "16:9", "widescreen": "16:9",
    "panorama": "21:9", "panoramic": "21:9", "ultrawide": "21:9", "cinematic widescreen": "21:9",
    "banner": "3:1", "wallpaper": "16:9", "story": "9:16",
}  # fmt: skip
"""Words for a picture's format -> width to height."""
RATIOS: Final = _set("1:1 16:9 9:16 4:3 3:4 3:2 2:3 21:9 9:21 4:5 5:4 2:1 1:2 16:10 10:16 3:1 1:3")
