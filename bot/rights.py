"""Whether somebody may still make pictures where they asked: roles and places change meanwhile."""

from collections.abc import Mapping
from typing import TypeGuard

import structlog

from bot.policy import Refusal, raised, refusal
from bot.port import KnowsPeople, Platform
from engine.api import Destination, Engine, HouseRules
from engine.messages import Owner

log = structlog.get_logger(__name__)


class Rights:
    """Asked again when a picture is begun and before it is posted."""

    def __init__(self, engine: Engine, platforms: Mapping[str, Platform]) -> None:
        self._engine = engine
        self._platforms = platforms

    async def lost(self, owner: Owner, where: Destination) -> Refusal | None:
        """What stands against their making pictures there now; None when nothing is known to.

        A platform is asked only where the admins chose who may make pictures, or where.
        """
        platform = self._platforms.get(where.platform)
        return await self._lost(platform, owner, where) if _knows_people(platform) else None

    async def _lost(
        self, platform: KnowsPeople, owner: Owner, where: Destination
    ) -> Refusal | None:
        rules = await self._engine.house.rules(owner.space)
        if not any(map(_is_chosen, (rules, *(rules.at(each.place) for each in rules.places)))):
            return None
        standing = await platform.standing(where.address, owner.person)
        if standing is None:
            log.info("standing.not_known", platform=where.platform)
            return None
        rules = rules.at(None if standing.space == owner.space else standing.space)
        return refusal("create", raised(standing.author, rules), standing.place, rules)


def _knows_people(platform: object) -> TypeGuard[KnowsPeople]:
    return isinstance(platform, KnowsPeople)


def _is_chosen(rules: HouseRules) -> bool:
    return bool(rules.makers or rules.channels)
