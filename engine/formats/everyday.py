"""Words that captions are full of: a tag made of them alone is no trigger word by itself."""

import re
from functools import cache
from pathlib import Path

import engine

# Words of picture boards and of trainers that no dictionary has.
_OF_BOARDS = """
1boy 1boys 1girl 1girls 1other 2boys 2girls 3boys 3girls 4girls 6+girls absurdres ahoge airbrush
anime bangs bara barefoot bikini blurry blush booru bokeh bowtie bracelet braid braids breasts
buttons catgirl chibi choker cleavage closeup clothes collarbone cosplay cowboy crossover denim
depth dof earrings eyelashes eyeliner eyewear fishnets focus girl girls gloves hairband hairclip
hairpin halftone hd headband headphones headshot headwear heterochromia highres hime hoodie hdr
illustration jpeg kemonomimi kimono lineart lingerie lipstick lowres makeup manga medium midriff
miniskirt monochrome navel neckerchief necktie nsfw nude outdoors indoors panties pantyhose parted
photo photorealistic pixiv playing ponytail portrait pov rating realism selfie semirealistic
serafuku sfw sidelocks sitting skyline sleeveless smartphone sneakers solo standing stockings
sweatdrop swimsuit swimsuits tanktop tattoo thighhighs thigh thighs thong topless tshirt twintails
twintail uncensored uncropped undershirt underwear unreal uwu watercolor webcam wallpaper weapon
wristwatch yukata yuri zettai ryouiki 3d 2d 8k 4k uhd dslr cg cgi raw render rendered octane unity
masterpiece best-quality bob hime-cut undercut v-neck x-ray close-up light-skinned dark-skinned
full-body half-body upper-body wide-angle low-angle high-angle jewellery jewelry gray grey colour
coloured multicolored two-tone eyed haired skinned lens flare hakama haori pauldron pauldrons
greaves vambraces cheongsam qipao sarashi obi geta tabi katana naginata kunai shuriken oni kitsune
tanuki miko torii sakura futon tatami kotatsu onsen bento onigiri ramen sushi takoyaki dango pocky
chopsticks shoujo shounen tsundere yandere otaku gyaru bloomers buruma spats kneehighs legwear
footwear handwear neckwear zipper drawstring halterneck turtleneck off-shoulder criss-cross o-ring
garter garters frills frilled ruffles bodysuit leotard unitard playboy bunnysuit bunny catsuit
plugsuit mecha exoskeleton cyborg android headgear visor goggles monocle eyepatch bandaid bandages
mole freckles fang fangs sclera tareme tsurime jitome sanpaku intakes hairpods hairbun hairbuns
updo chignon dreadlocks cornrows mohawk pixie bangle anklet earmuffs earphones microphone
sunglasses backpack handbag suitcase smartwatch laptop keyboard tablet television monitor shouji
fusuma noren lens-flare chromatic aberration vignette letterboxed pillarboxed border backlighting
sidelighting rimlight sunbeam sunlight moonlight starry starfield petals confetti sparkle sparkles
glint foreshortening fisheye panorama isometric silhouette polaroid kodak fujifilm leica canon
nikon sony iphone gopro cinematic photoshoot editorial catwalk runway mannequin mascara lipgloss
eyeshadow manicure pedicure nailpolish piercing piercings barbell septum pendant locket brooch
cufflinks tuxedo blazer cardigan camisole chemise corset bustier bralette crop-top tube-top
sundress overalls leggings jeggings culottes jorts sarong poncho parka windbreaker trenchcoat
raincoat labcoat apron sandals flip-flops loafers stilettos platforms wedges moccasins clogs
slippers barefeet toenails fingernails abs biceps triceps pecs torso midsection armpit armpits
clavicle backside buttocks faceless headless androgynous genderswap furry anthro kemono scalie
tentacle tentacles slime monster dragon demon devil angel halo wings horns tail antlers hooves
paws snout whiskers elf elves pointy instagram tiktok facebook artstation deviantart danbooru
patreon twitter username artist name logo watermark signature text english commentary translated
virtual youtuber vtuber oc ai genshin
"""
_STRICT = re.compile(
    r"(1|2|3|4|5|6\+?|multiple)?_?(girls?|boys?|others?)|solo( focus)?|no humans|(fe)?male focus|"
    r"man|men|woman|women|person|people|face|character|style|object|photo(graph)?|picture|image|"
    r"(rating|score|source|year|quality|meta|artist|copyright|general|species)[ _:].*|rating.*|"
    r"safe|sensitive|questionable|explicit|nsfw|sfw|general|masterpiece|highres|absurdres|"
    r"(best|high|good|normal|low|worst|amazing|great|very high) quality|"
    r"(very )?aesthetic|newest|recent|oldest|realistic|photorealistic|anime|illustration|art|"
    r"looking at viewer|.* (background|hair|eyes)|standing|sitting|smile|blush|"
    r"upper body|full body|portrait|close-?up|breasts|open mouth|closed mouth|simple|concept|"
    r"trigger( ?word)?s?|instance|class|token|none|null|unknown|default|caption|tags?|test|\d+|"
    r"(english|translated|commentary|highres|commentary request|official art|virtual youtuber)"
)
_FOLDER = re.compile(
    r"(img|imgs|images?|pictures?|pics|photos?|train(ing)?|data(set)?s?|default|concept|raw|reg|"
    r"regularization|class|subject|character|style|person|final|output|crop(ped)?|resized|"
    r"processed|captioned|(new ?)?folder|temp|tmp|test|all|main|set|batch|source|src|(my ?)?lora|"
    r"person|man|woman|girl|boy|\d+x\d+|v?\d*)[ _\-]*\d*"
)
_WORD = re.compile(r"[^\W_]+(?:[+'\-][^\W_]+)*\+?")


def is_generic(tag: str) -> bool:
    """Whether a lowered tag stands under so many pictures of all kinds that it wakes nothing."""
    return _STRICT.fullmatch(tag.replace("_", " ")) is not None


def is_everyday(tag: str) -> bool:
    """Whether all words of a lowered tag are everyday ones."""
    words = _WORD.findall(tag.replace("_", " "))
    return is_generic(tag) or all(is_everyday_word(word) for word in words)


def is_everyday_word(word: str) -> bool:
    """Whether a lowered word is in the dictionary or in the vocabulary of captions."""
    known = _words()
    if len(word) < 3 or word in known or word.isdigit():
        return True
    for ending in ("s", "es", "'s", "ed", "ing"):
        if word.endswith(ending) and word[: -len(ending)] in known:
            return True
    return "-" in word and all(is_everyday_word(part) for part in word.split("-"))


def is_plain_folder(name: str) -> bool:
    """Whether a lowered folder name says nothing of what is in it."""
    return _FOLDER.fullmatch(name) is not None or is_generic(name)


@cache
def _words() -> frozenset[str]:
    # The director's dictionary is data for both; nothing of the director is imported for it.
    path = Path(engine.__file__).parent / "director" / "words" / "english.txt"
    return frozenset(path.read_text(encoding="utf-8").split()) | frozenset(_OF_BOARDS.split())
