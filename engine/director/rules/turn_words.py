"""Words of short turns about a picture that is there: what a person says besides naming things.

A turn asks for something else than a new picture when one of the intent's key words stands among
words that say nothing about a picture: any other noun makes it a wish.
"""

from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


PICTURES: Final = _set(
    """
    picture pictures image images pic pics photo photos drawing drawings render renders result
    results one ones output outputs shot artwork art painting thing post generation piece bild
    foto imagen"""
)
POINTERS: Final = _set("it this that these those them they the last previous latest above")
FILLER: Final = (
    _set(
        """
    a an the and or but so to of for on in at with from by as is are was be been being am im i id
    ive ill me my mine we us our you u ur your it its this that these those them they he she him
    her his hers please pls plz kindly thanks thank thx ty can could would will should might may
    let lets just now ok okay hey hi hello yo oh ah um uh hm hmm well right alright actually
    really maybe perhaps go going get got give gimme want wanna need like love have has had do
    does did dont make show see bot atelier man dude bro mate guys here there some any up out off
    then too also very much sure yes yeah yep no bitte sil te plait por favor try again prefer
    rather think guess feel know say said s t d m re ve ll lol haha omg if possible possibly
    quick quickly asap mir es das noch"""
    )
    | PICTURES
    | POINTERS
)
NUMBERS: Final = _set(
    "one two three four five six seven eight few couple several some 1 2 3 4 5 6 7 8 9 10"
)
ORDINALS: Final[dict[str, int]] = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3,
}  # fmt: skip

CANCEL: Final = _set(
    """
    cancel cancelled stop abort halt nevermind nvm forget scrap kill abbrechen abbruch annuler
    annule cancela cancelar stopp arrete para bother"""
)
CANCEL_ALSO: Final = _set(
    """
    never mind job jobs request requests queue everything all drawing generating rendering
    working running current currently wrong mistake about wait anymore bother dont leave out
    process asked requested ordered made mission task order orders changed pending alles tout
    todo already immediately theres accident typo"""
)
DELETE: Final = _set(
    "throw toss throw toss delete erase trash wipe remove discard destroy throw toss bin "
    "loschen losche supprime borra"
)
DELETE_ALSO: Final = _set(
    "asked anymore made drew drawn generated sent posted away want gone get rid forever "
    "permanently chat "
    "channel down take entire whole"
)
REROLL: Final = _set(
    """
    again another others reroll redo retry regenerate regen rerun repeat encore nochmal nochmals
    otra more next re roll gen same different new fresh random reroll shuffle differently"""
)
REROLL_ALSO: Final = (
    _set(
        """
    yet round hit try run roll seed seeds time times once prompt exact exactly more another same
    settings thing batch set rolls once-more take takes attempt go shot chance luck generate draw
    paint render create spin dice keep going coming em une fois vez einmal otra mal every way
    result"""
    )
    | NUMBERS
)
VARY: Final = _set(
    """
    tweak takes variation variations vary variant variants similar remix version versions
    alternative
    alternatives variationen variaciones variante varianten alternate riff"""
)
VARY_ALSO: Final = (
    _set(
        """
    take theme direction round slight slightly small subtle little bit different differently more
    another few minor tiny close original number something but not exactly same kind sort else
    other alternate create generate draw around lines along vibe spin"""
    )
    | NUMBERS
    | frozenset(ORDINALS)
)
ALIKE: Final = _set(
    """
    more variations variation variants versions takes like similar alternatives others alternates
    of different other new varianten variaciones variationen variantes"""
)
"""Behind a number: so many pictures like the last one."""
UPSCALE: Final = _set(
    """
    sharpen denoise hd fullhd pixels upscale upscaled upscaling upscaler upsize upres enlarge
    enlarged hires highres superres resolution 4k 8k uhd hochskalieren agrandir ampliar enhance
    megapixels uprez upsample superresolution upscal"""
)
UPSCALE_ALSO: Final = (
    _set(
        """
    blow number high higher highest bigger larger large big full max maximum res hi size quality
    version by times twice double triple 2x 4x 3x x2 x4 more increase raise boost detail details
    sharper sharp print printing file factor pixels better low lower hd into definition def copy
    format best download draw render"""
    )
    | NUMBERS
    | frozenset(ORDINALS)
)
STATUS: Final = _set(
    """
    number status queue eta progress done ready finished finish complete long longer when where
    stuck waiting position line hung coming taking wait ahead fertig update working alive
    happening cooking pret listo frozen slow news"""
)
STATUS_ALSO: Final = _set(
    """
    how much many ahead place time left take takes will still yet before till until minutes next
    front nearly almost anything seconds people person jobs job request requests what whats
    wheres hows whos is are running drawing generating rendering since already happened through
    far along soon more work works currently everything all order number spot expect should hours
    forever over why any news on being started start gone"""
)
STATUS_ASKS: Final = _set(
    "place position line spot how when where status eta progress queue yet did is are what "
    "wheres hows still any whats why"
)

GOOD: Final = _set(
    """
    love loved loving nice great perfect beautiful awesome amazing wow cool good excellent
    brilliant gorgeous cute lovely sweet neat fantastic wonderful stunning superb nailed
    perfection epic sick fire dope lit yay yes bravo incredible adorable best better hilarious
    funny exactly wanted favorite favourite keeper happy impressive impressed pretty gut toll
    schon genial geil parfait magnifique super perfecto genial bonito 10 goat banger masterpiece
    delighted spot muito bom boa otimo otima lindo linda perfeito perfeita adorei amei incrivel
    legal massa klasse hammer mega schon wunderschon adore geniale magnifico hermoso hermosa
    encanta bello bella bellissimo perfetto beau belle bien"""
)
BAD: Final = _set(
    """
    hate hated bad ugly terrible awful meh boring wrong weird creepy disappointing disappointed
    nope urgh argh bleh blah ew eww yikes worse worst horrible messed broken mangled blurry
    distorted deformed mutated off dislike sucks suck lame garbage trash crap crappy rubbish ugh
    strange odd unhappy poor cursed mess botched missing missed scary bland flat unnatural
    uncanny fake plastic wonky janky cropped hasslich schlecht moche feo nah fugly melted
    crooked ruim feio feia horrivel horrible mid cringe generic sus mal brutto brutta affreux
    nul nulle"""
)
OVERDONE: Final = _set(
    """
    burnt burned fried overcooked overbaked oversaturated overdone overprocessed overexposed
    crunchy cooked deepfried crispy overblown roasted oversharpened overloaded overfit toasted
    overtrained verbrannt blown saturated contrasty artifacts artefacts noisy grainy"""
)
OPINION_ALSO: Final = _set(
    """
    look looks looked looking looke seem seems feel feels came come turned how what wow omg lol
    haha all quite bit little kinda kind sort sorta of way totally completely absolutely super
    pretty fucking damn freaking not isnt arent wasnt doesnt didnt dont cant couldnt than before
    last first time now even still more too much very ever anything everything something nothing
    face faces hand hands finger fingers eye eyes arm arms leg legs hair nose mouth head body
    background colors color composition lighting light style prompt asked for expected expecting
    wanted hoping thought work job stuff extra who again though tho honestly today about worked
    hmm at least around edges everywhere deep proportions anatomy details quality character ooh
    oooh aw aww ahh tbh ngl imo far yet many limbs heads tails toes ears teeth wings feet
    likeness person thumbs up down well done keep this favorite real over only same these other
    part bits into out whole does hell heck damn holy omfg dude muito tres sehr mir me que esta
    ist est das cest e gefallt ficou ficaram quedo queda ganz echt wirklich vraiment trop muy
    tao super es la le o a"""
)
NEGATORS: Final = _set(
    "not isnt arent wasnt doesnt didnt dont never no cant hardly barely nothing aint nicht pas"
)
EMOJI_GOOD: Final = frozenset("👍❤😍🥰🔥🎉👏💯🤩😁😊🙌✨💖⭐😂🤣")
EMOJI_BAD: Final = frozenset("👎😕🙁☹😞😡🤮🤢💩😖😬😒😑🫤")
