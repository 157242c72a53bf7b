"""Words of picture making, as data: what is a medium, a movement, a light or an effect."""

from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


MEDIA: Final = _set(
    """
    woodcut woodblock linocut etching engraving lithograph screenprint serigraph risograph riso
    monotype mezzotint aquatint drypoint woodprint letterpress fresco tempera gouache watercolor
    watercolors aquarelle acrylic acrylics pastel pastels charcoal graphite crayon crayons pencil
    pencils ink inks sumi oil oils impasto papercut papercraft origami kirigami collage decoupage
    mosaic embroidery tapestry crochet knitted felt felted quilt claymation plasticine clay
    stopmotion puppet diorama cyanotype daguerreotype tintype polaroid lomography photogram
    halftone stencil graffiti sticker enamel stained batik ukiyo calligraphy doodle sketch
    sketches scribble lineart linework manga comic comics cartoon anime storyboard blueprint
    schematic infographic pixelart pixel voxel lowpoly
    vector silhouette bronze marble porcelain ceramic plush plushie amigurumi lego brick sprite
    spritesheet chalk chalkboard marker markers airbrush scratchboard pointillism sgraffito
    intaglio gyotaku sumie"""
)
"""What pictures are made of or as: "X of a fox", "in X", "X portrait"."""
COMMON_MEDIA: Final = _set(
    """
    sketch sketches print prints poster posters sticker stickers drawing drawings painting paintings
    doodle photo photograph photography render art illustration portrait comic lighting light
    paper glass stone face hair clothes outfit landscape city nature texture vector cover"""
)
"""Everyday words for pictures: as a tag they call nothing, unless a look is named as such."""
MOVEMENTS: Final = _set(
    """
    editorial fashion lookbook documentary impressionist impressionism expressionist
    expressionism cubist cubism surrealist surrealism surreal baroque rococo renaissance
    romanticism romanticist realist realism photorealism photorealistic hyperrealistic
    hyperrealism minimalist minimalism maximalist brutalist brutalism bauhaus constructivist
    constructivism suprematist suprematism futurist futurism dadaist dada fauvist fauvism
    pointillist deco nouveau gothic byzantine medieval psychedelic vaporwave synthwave retrowave
    outrun cyberpunk steampunk dieselpunk solarpunk cottagecore cottagepunk biopunk atompunk noir
    neonoir grunge y2k frutiger aero memphis retro kawaii chibi shonen shojo ghibli disney pixar
    moebius mucha hokusai hiroshige klimt gogh monet picasso dali matisse warhol banksy giger
    beksinski escher rembrandt caravaggio vermeer bosch bruegel rockwell hopper kahlo kandinsky
    mondrian haring basquiat ditko kirby mignola tezuka miyazaki toriyama amano frazetta
    isometric monochrome sepia grayscale desaturated celshaded toon graphic novel folk naive
    primitive pulp fantasy dreamcore weirdcore liminal vintage"""
)
LIGHTS: Final = _set(
    """
    chiaroscuro volumetric backlit backlight backlighting rimlight rimlit crepuscular tenebrism
    tenebrist sunbeams godrays candlelit candlelight firelit firelight lamplight lamplit moonlit
    softbox butterfly clamshell lowkey highkey blacklight uv gobo silhouetted sidelit rembrandt
    specular bioluminescent volumetrics"""
)
EFFECTS: Final = _set(
    """
    bokeh grain grainy halation vignette vignetted glitch glitched glitchy datamosh datamoshed
    chromatic aberration vhs crt scanlines halftone lensflare anamorphic fisheye tiltshift
    solarized solarised infrared lomo lightleak lightleaks bloom overlay dithered dithering
    pixelated kaleidoscope kaleidoscopic anaglyph holographic iridescent thermal xray cinemascope
    kodachrome portra fujifilm technicolor crosshatch crosshatched crosshatching double-exposure"""
)
TERMS: Final = MEDIA | MOVEMENTS | LIGHTS | EFFECTS
_THINGS: Final = _set(
    """
    ink inks oil oils pencil pencils charcoal chalk clay felt marble bronze brick lego plush plushie
    ceramic porcelain crayon crayons marker markers tapestry quilt embroidery mosaic collage
    doodle silhouette puppet diorama enamel stained chalkboard comic comics graffiti calligraphy
    stencil scribble sprite spritesheet vector storyboard blueprint schematic infographic polaroid
    sticker sketch sketches acrylic acrylics pastel pastels graphite pixel halftone fresco oils"""
)
"""Media that are things as well: they need a cue."""
STRONG_TERMS: Final = (
    LIGHTS
    | (MEDIA - COMMON_MEDIA - _THINGS)
    | _set(
        """
    anime manga chibi kawaii ghibli ukiyo vaporwave synthwave retrowave cyberpunk steampunk
    dieselpunk solarpunk claymation linocut gouache aquarelle pixelart voxel lowpoly halftone
    pointillism pointillist impressionist cubist bauhaus surrealist isometric datamosh datamoshed
    photorealistic risograph riso cyanotype daguerreotype tintype crosshatch crosshatched
    crosshatching celshaded papercut hokusai hiroshige mucha klimt moebius giger escher mignola
    origami papercraft woodcut woodblock etching lithograph screenprint fresco stopmotion lineart
    cartoon minimalist psychedelic cubism impressionism surrealism lomography gothpunk biopunk
    knitted crocheted crochet embroidered quilted felted airbrush airbrushed
    beksinski amigurumi kirigami sumi gyotaku watercolor bokeh halation impasto"""
    )
)
"""They mean the manner wherever they stand before a noun or alone."""
HEADS: Final = _set(
    """
    art style print prints painting drawing poster photography illustration motion light lighting
    lights glass block woodblock paper colors sketch animation render lines linework shading
    exposure flare grain rays leak leaks aesthetic core punk wave book comic cartoon engraving
    etching wash washes film photo cut cutout collage mosaic tile tiles embroidery knit stitch
    brush brushwork strokes outline outlines shaded shadow shadows split aberration noise line
    poly bit 3d 2d schematic plan"""
)
"""Last words of a tag that make the whole of it the name of a manner: "pixel art"."""
TITLES: Final[dict[str, tuple[str, ...]]] = {
    "captain": ("capt", "cpt", "cap"), "professor": ("prof",), "doctor": ("dr", "doc"),
    "mister": ("mr",), "saint": ("st",), "lieutenant": ("lt",), "sergeant": ("sgt",),
    "commander": ("cmdr",), "general": ("gen",), "detective": ("det",), "missus": ("mrs",),
    "queen": ("qn",), "princess": ("princ",), "grandmother": ("grandma", "gran"),
    "grandfather": ("grandpa",), "number": ("no",), "and": ("n",), "the": ("da",),
    "mount": ("mt",), "junior": ("jr",), "senior": ("sr",), "sister": ("sis",), "brother": ("bro",),
    "dr": ("doctor", "doc"), "mr": ("mister",), "st": ("saint",), "prof": ("professor",),
    "capt": ("captain",), "lt": ("lieutenant",), "sgt": ("sergeant",),
}  # fmt: skip
"""Short forms of a title in a character's name."""
