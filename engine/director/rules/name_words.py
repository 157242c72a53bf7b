"""Words beside a name that is an ordinary word, as data: what makes it a name, what doesn't."""

from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


FOLLOW_A_NAME: Final = _set(
    """
    and n or with in on at as is was num numa no na com sem em ao nel nella senza by from near
    under behind before after beside inside while
    against over into through holding wearing standing but without who to vs versus plus having
    look like als im am auf en au sur dans con sans ohne mit avec sous beim vor hinter unter
    devant et und y looks looking sits stands runs walks wears holds eats drinks plays reads
    rides flies swims sleeps dances fights smiles waves sings cooks drives works meets visits
    goes does has gets again please stuck trapped caught tangled lost curled seated perched
    surrounded dressed riding asleep alone outside the our my then too x next doing being going
    trying getting
    mange boit court dort lit joue danse marche regarde porte tient assis assise isst trinkt schlaft
    lauft rennt sitzt steht liest spielt tanzt fliegt schwimmt kocht tragt halt come bebe corre
    duerme lee juega baila camina mira lleva sentado sentada esta est ist bailando comiendo
    leyendo corriendo tocando durmiendo jugando"""
)
"""Words after a name of one ordinary word that keep it a name."""
BEFORE_A_NAME: Final = _set(
    """
    do me us u you get got using and with of for to vs versus plus like as featuring feat show
    draw paint sketch put make has have see by from where when while then than meets beside near
    behind under over at on in between is or use add without no not minus drop remove only just
    imagine picture want need please hey give let lets around about against und mit von et avec
    de con y meet mini baby young evil angry happy sad cute tiny giant sleepy isn't isnt
    wasn't aren't ain't be named called namens genannt nommé nomme appelé llamado llamada"""
)
"""Words before such a name that keep it a name."""
THINGS_AFTER: Final = _set(
    """
    steak burger pizza curry rice noodles chips pudding honey cheese lazuli fries taco pasta
    tree trees bush bushes flower flowers blossom blossoms petal petals leaf leaves garden gardens
    branch branches bread cake cakes pie pies cookie cookies sauce soup tea juice jam cream apple
    apples seed seeds root roots plant plants field fields borealis sandwich sandwiches bean beans
    candy stew salad wine beer berry berries bouquet vine vines fruit fruits donut donuts toast
    ice shake smoothie latte bun buns roll rolls dumpling dumplings fish stone stones gem gems
    jar bottle bowl wood bark nuts nut oil powder syrup bath storm eruption wood hedge patch
    cracker crackers crust cheesecake sponge quartz muffin muffins street avenue boulevard river
    lake bay island islands valley canyon cathedral stadium airport university college museum
    hospital palace square county martini cocktail soda lemonade tart jelly liqueur"""
)
"""Nouns that make a thing of the name before them: "sakura trees", "jelly sandwich"."""
THINGS_BEFORE: Final = _set(
    """
    hot iced strawberry chocolate vanilla matcha lemon fresh wild dried fried grilled frozen
    sliced chopped baked roasted peanut butter melted raw ripe potted blooming bone raspberry
    mango sesame"""
)
"""Words that make a thing of the name after them: "strawberry mochi"."""
STUFF: Final = _set(
    """
    concrete marble velvet wood wooden glass paper brick stone steel iron leather denim silk lace
    gold silver bronze copper brass plastic rubber wool cotton porcelain ceramic crystal straw
    bamboo cardboard tin chrome granite jade clay felt"""
)
"""What things are made of, as names of looks are too."""
MADE_OF_IT: Final = _set(
    """
    wall walls floor floors table door doors window windows pot pots jar jars bottle bottles box
    boxes bag bags cup cups chair chairs bench bridge block blocks column columns pillar pillars
    statue statues tower house building roof road path staircase stairs gate fence mask coat jacket
    dress shoe shoes boots glove gloves ring rings coin coins lamp sword armor armour horn boat
    boats ship plane bowl bowls plate plates vase slipper slippers jug mug barrel pipe pipes bunker
    slab hat curtain curtains cushion sofa couch pavement sidewalk tile tiles bust bench"""
)
"""Behind such a word they make a thing of it: "a concrete wall"."""
VESSELS: Final = _set(
    """
    jar bottle bowl cup glass piece slice bag box can pot plate spoon spoonful block sheet roll pile
    handful bunch bucket pinch mug tin tube tray basket bouquet field bed row lump drop puddle
    stack crate barrel bundle"""
)
"""Before "of": "a jar of jelly"."""
OF_THINGS: Final = _set(
    """
    falling blooming growing burning drifting covering rising blowing spreading scattering
    melting flowing floating fading wilting decaying"""
)
"""What things do and people don't: "ash falling"."""
EATING: Final = _set(
    "eating baking frying boiling roasting slicing peeling chopping licking chewing"
)
"""What is done to food alone, even where its name is in no list of words: "roasting smores"."""
HANDLING: Final = _set(
    """
    eating drinking playing making cooking baking frying boiling cutting slicing peeling chopping
    pouring spreading mixing stirring tasting licking chewing sipping serving selling buying
    picking growing harvesting planting watering unloading smoothing sweeping sprinkling popping
    melting scrubbing
    roasting toasting grilling steaming mashing whipping kneading brewing squeezing crushing
    grinding chopped sliced fried baked boiled served
    eats drinks makes cooks bakes cuts pours spreads sells buys picks grows"""
)
"""What is done to stuff and goods, not to people: "grandma making marmalade"."""
ING_NOUNS: Final = _set(
    """
    evening morning wedding building painting drawing ceiling clothing lightning lighting engraving
    etching printing illustrating rendering sibling king ring string spring wing thing something
    nothing anything everything looking"""
)
"""Words in -ing that are things, or speak of pictures."""
OF_A_THING: Final = _set(
    """
    old new big small huge rusty ugly dirty broken empty open closed heavy torn burnt clean fresh
    plain simple wooden plastic metal"""
)
"""Adjectives of things: "an old jelly mold"."""
COVERED: Final = _set(
    """
    covered dressed wrapped soaked drenched clad coated hidden lost interested working sitting
    standing lying buried dipped dunked caught"""
)
"""Before "in": then no manner follows, but a thing or a place."""
HOLDERS: Final = _set(
    """
    bowl cup plate pan pot jar bottle glass mug fridge oven skillet dish
    saucer vase hair buttonhole"""
)
"""In or on them are things: "a daisy in a vase", "cookie dough in a mixing bowl"."""
GARMENTS: Final = _set(
    """
    dress coat jacket hat boots shoes gloves gown suit uniform armor armour kimono skirt cape robe
    mask crown helmet hoodie socks mittens sweater scarf shirt cloak costume outfit"""
)
"""Somebody in one wears it: "woman in a victorian dress"."""
FOODS: Final = _set(
    """
    bread butter cheese cream honey jam sugar salt pepper sauce gravy syrup rice pasta noodles soup
    stew salad meat beef pork ham bacon sausage sausages egg eggs milk tea coffee espresso beer wine
    juice lime limes lemon lemons apples berries strawberries blueberries raspberries cherries
    grapes bananas nuts almonds walnuts chocolate vanilla cinnamon garlic onion onions tomato
    tomatoes potato potatoes carrots cabbage lettuce spinach mushrooms olives beans lentils peas
    corn toast pancakes waffles cookies cake tacos fries pizza sushi ramen curry ketchup mustard
    mayo vinegar basil parsley herbs spices yogurt granola oats oatmeal scones caramel pudding
    scallions sprouts dumplings broth tart pie cakes pies bread sandwich sandwiches burger burgers
    steak pavlova donuts buns rolls custard icing frosting filling pastry cocoa
    cider soda lemonade"""
)
"""Without an article beside a name, they make food of it: "espresso and biscotti"."""
