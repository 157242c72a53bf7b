"""Size, steps, guidance, sampler, seed and count of a plan, within what the family allows."""

from math import log

from engine.director.stock import PlanLimits
from engine.errors import BadRequest
from engine.families.distilled import Distilled
from engine.families.facts import Family, Size
from engine.families.samplers import chosen
from engine.families.speed import Pace
from engine.messages import Reason, Settings

ASPECT_RATIOS: dict[str, float] = {
    "square": 1.0,
    "squared": 1.0,
    "portrait": 3 / 4,
    "vertical": 3 / 4,
    "upright": 3 / 4,
    "tall": 9 / 16,
    "story": 9 / 16,
    "landscape": 4 / 3,
    "horizontal": 4 / 3,
    "wide": 16 / 9,
    "widescreen": 16 / 9,
    "wallpaper": 16 / 9,
    "panorama": 21 / 9,
    "panoramic": 21 / 9,
    "ultrawide": 21 / 9,
    "banner": 3.0,
}
"""Words for a format -> width divided by height."""
MOST_SEED = 2**63 - 1
ASKED = "you asked for it"
SAME_FORMAT = 0.08
"""Two formats whose logarithms of the ratio differ by less are called the same."""


def choose_size(settings: Settings, family: Family, reasons: list[Reason]) -> Size:
    """The asked size in pixels, or the offered one nearest to an asked format."""
    if settings.width is not None or settings.height is not None:
        width = settings.width if settings.width is not None else family.size.width
        height = settings.height if settings.height is not None else family.size.height
        size = family.check_size(width, height)
        if size != family.size:
            said = f"{size.width}x{size.height}"
            reasons.append(Reason(choice="size", value=said, why=ASKED))
        return size
    if settings.aspect is None:
        return family.size
    return _nearest_size(settings.aspect, family, reasons)


def _nearest_size(aspect: str, family: Family, reasons: list[Reason]) -> Size:
    """The offered size whose format is nearest to a word or ratio."""
    ratio = _ratio(aspect)
    size = min(family.sizes, key=lambda offered: abs(log(offered.width / offered.height / ratio)))
    said = f"{size.width}x{size.height}"
    away = abs(log(size.width / size.height / ratio))
    why = f"you asked for {aspect}"
    if away > SAME_FORMAT:
        why = f"the nearest to {aspect} that {family.title} offers"
    reasons.append(Reason(choice="size", value=said, why=why))
    return size


def _ratio(aspect: str) -> float:
    known = ASPECT_RATIOS.get(aspect.casefold())
    if known is not None:
        return known
    width, colon, height = aspect.partition(":")
    if colon and width.isdecimal() and height.isdecimal() and int(width) and int(height):
        return min(max(int(width[:4]) / int(height[:4]), 0.05), 20.0)
    valid = "16:9, 3:2, " + ", ".join(sorted(ASPECT_RATIOS))
    raise BadRequest(name="format", value=aspect, valid=valid)


def choose_sampling(
    settings: Settings,
    family: Family,
    reasons: list[Reason],
    pace: Pace | None = None,
    kind: Distilled | None = None,
) -> tuple[int, float, str]:
    """Steps, guidance and scheduler; raises `BadRequest` naming what the family allows.

    `pace` is what a speed LoRA of the stack was made for: it takes the place of the defaults.
    `kind` is what the base is that draws in few steps by itself: what was made for others is
    drawn as asked, and said.
    """
    steps, guidance, scheduler = family.steps, family.guidance, family.schedulers[0]
    if pace is not None:
        steps, guidance, scheduler = pace.steps, pace.guidance, pace.scheduler
        told = f"{steps} steps, guidance {guidance:g}, {scheduler}"
        why = f"a {pace.kind} look draws in few steps"
        reasons.append(Reason(choice="pace", value=told, why=why))
    elif kind is not None:
        why = f"{kind.title} draws in few steps by itself"
        reasons.append(Reason(choice="pace", value=kind.told, why=why))
    if settings.steps is not None:
        steps = _steps(settings.steps, family, reasons, kind)
    if settings.guidance is not None:
        guidance = _guidance(settings.guidance, family, reasons, kind)
    if settings.scheduler is not None:
        scheduler = chosen(settings.scheduler, family.schedulers)
        reasons.append(Reason(choice="scheduler", value=scheduler, why=ASKED))
    return steps, guidance, scheduler


def _steps(steps: int, family: Family, reasons: list[Reason], kind: Distilled | None) -> int:
    """The asked steps; beyond what a few-step base was made for they are warned of."""
    if not 1 <= steps <= family.most_steps:
        raise BadRequest(name="steps", value=str(steps), valid=f"1 to {family.most_steps}")
    why, warns = ASKED, False
    if kind is not None and steps > kind.most_steps:
        few, warns = kind.pace.steps, True
        why = (
            f"you asked for {steps} steps: {kind.title} was made for {few}, "
            f"more take longer and may burn the picture"
        )
    reasons.append(Reason(choice="steps", value=str(steps), why=why, warns=warns))
    return steps


def _guidance(
    guidance: float, family: Family, reasons: list[Reason], kind: Distilled | None
) -> float:
    """The asked guidance; beyond what a few-step base was made for it is warned of."""
    least, most = family.guidance_range
    if not least <= guidance <= most:
        raise BadRequest(name="guidance", value=f"{guidance:g}", valid=f"{least:g} to {most:g}")
    why, warns = ASKED, False
    if kind is not None and guidance > kind.most_guidance:
        little, warns = kind.pace.guidance, True
        why = (
            f"you asked for guidance {guidance:g}: {kind.title} was made for {little:g}, "
            f"more may burn the picture"
        )
    reasons.append(Reason(choice="guidance", value=f"{guidance:g}", why=why, warns=warns))
    return guidance


def choose_clip_skip(settings: Settings, family: Family, reasons: list[Reason]) -> int:
    """Which layer of the text encoder is used; a base that knows no such choice leaves it out.

    Raises `BadRequest` beyond what the family allows.
    """
    asked = settings.clip_skip
    if asked is None or asked == 1:
        return 1
    if family.most_clip_skip == 1:
        why = f"left out: {family.title} knows no clip skip"
        reasons.append(Reason(choice="clip skip", value=str(asked), why=why))
        return 1
    if not 1 <= asked <= family.most_clip_skip:
        raise BadRequest(name="clip skip", value=str(asked), valid=f"1 to {family.most_clip_skip}")
    reasons.append(Reason(choice="clip skip", value=str(asked), why=ASKED))
    return asked


def choose_seed(settings: Settings, seed: int, reasons: list[Reason]) -> int:
    """The named seed, else the given one; raises `BadRequest` beyond 63 bits."""
    if settings.seed is None:
        return seed
    if not 0 <= settings.seed <= MOST_SEED:
        raise BadRequest(name="seed", value=str(settings.seed), valid=f"0 to {MOST_SEED}")
    reasons.append(Reason(choice="seed", value=str(settings.seed), why="you named it or kept it"))
    return settings.seed


def choose_count(settings: Settings, limits: PlanLimits, reasons: list[Reason]) -> int:
    """How many pictures; raises `BadRequest` beyond the limit."""
    if settings.count is None:
        return 1
    if not 1 <= settings.count <= limits.most_pictures:
        valid = f"1 to {limits.most_pictures}"
        raise BadRequest(name="count", value=str(settings.count), valid=valid)
    if settings.count > 1:
        reasons.append(
            Reason(choice="count", value=str(settings.count), why="you asked for that many")
        )
    return settings.count
