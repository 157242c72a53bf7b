"""The moderators' channel: a file that waits is shown there as it comes, with its buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.acts.vetting import card
from bot.messages import Author, Level, Outbound, Place
from bot.policy import showing
from bot.port import Capabilities, KnowsPlaces, Platform
from bot.texts import say
from engine.api import MODERATORS, Engine
from engine.errors import NotFound
from engine.messages import IntakeId, Owner, SpaceId


@dataclass(frozen=True, slots=True)
class Channel:
    """The moderators' channel as a desk to show a card on."""

    engine: Engine
    owner: Owner
    capabilities: Capabilities


async def desk_card(
    engine: Engine, platform: Platform, address: str, body: Mapping[str, Any]
) -> Outbound | None:
    """What is posted there; None when somebody decided before it could be."""
    if body.get("kind") == "more_to_vet":
        more = say(
            "vet.more", "More looks wait for a decision: {line} goes through them.",
            line="/lora review",
        )  # fmt: skip
        return Outbound(text=more)
    registry, space = engine.registry, SpaceId(str(body.get("space")))
    try:
        intake = await registry.find(space, IntakeId(str(body.get("intake"))))
        if intake.entry is None or intake.state != "waiting":
            return None
        entry = await registry.vetting.find(space, intake.entry)
        desk = Channel(engine, Owner(space=space, person=MODERATORS), platform.capabilities)
        shown = await card(desk, intake)
    except NotFound:
        return None
    there = await platform.place(address) if isinstance(platform, KnowsPlaces) else None
    rules, seen_by = (
        await engine.house.rules(space),
        Author(id=MODERATORS, name="", level=Level.MODERATOR),
    )
    how = showing("see", seen_by, there or Place(), rules, entry.card.rating)
    images = () if how == "refused" else shown.images
    covers = how == "covered" and bool(images)
    return shown.model_copy(update={"images": images, "is_covered": covers, "private": False})
