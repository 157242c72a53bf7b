"""Looks in words on the page's wall, and the sample pictures of all looks."""

from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.messages import Level
from bot.port import House
from bot.web.places import Place
from bot.web.visits import Visits
from engine.api import WordLook, look_named
from engine.errors import NotFound
from engine.messages import Card, Search, Sha256

MOST_SHOWN = 100


class LookRoutes:
    """Handlers of what needs no entry in the registry."""

    def __init__(self, house: House, visits: Visits) -> None:
        self._engine = house.engine
        self._visits = visits

    def add(self, app: web.Application) -> None:
        """Register every address."""
        app.add_routes(
            [web.get("/api/looks/words", self.words), web.get("/api/looks/sample.png", self.sample)]
        )

    async def words(self, request: web.Request) -> web.Response:
        """The looks in words of a place; a moderator's visit has missing samples drawn."""
        place = await self._place(request)
        typed = request.query.get("q", "")[:200]
        search = await self._engine.search(place.space.id, typed)
        looks = (await self._engine.word_looks(place.space.id, search))[:MOST_SHOWN]
        if place.level >= Level.MODERATOR:
            await self._engine.ask_samples(place.space.id, looks)
        drawn = await self._engine.samples(place.space.id, looks)
        told = [look_told(look, place, drawn.get(look.name)) for look in looks]
        return web.json_response({"looks": told, "total": len(told)})

    async def sample(self, request: web.Request) -> web.StreamResponse:
        """The sample picture of a look by its name; raises `NotFound` before it is drawn."""
        place = await self._place(request)
        look = await self._look(place, request.query.get("name", "")[:80])
        png = await self._engine.sample(place.space.id, look)
        if png is None:
            raise NotFound(what="picture", name="sample")
        headers = {"Cache-Control": "private, max-age=300"}
        return web.Response(body=png, content_type="image/png", headers=headers)

    async def _look(self, place: Place, name: str) -> Card | WordLook:
        search = Search(query=name)
        ratings = await place.ratings(self._engine)
        found = await self._engine.looks(place.space.id, search)
        cards = [card for card in found if card.rating in ratings]
        card = next((card for card in cards if card.name.casefold() == name.casefold()), None)
        in_words = look_named(name, await self._engine.word_looks(place.space.id))
        look = card or in_words
        if look is None:
            raise NotFound(what="look", name=name, near=tuple(card.name for card in cards[:3]))
        return look

    async def _place(self, request: web.Request) -> Place:
        visitor = await self._visits.visitor(request)
        place = self._visits.place(visitor, request.query.get("place"))
        return await place.linked(self._engine)


def look_told(look: WordLook, place: Place, drawn: Sha256 | None) -> dict[str, Any]:
    """A look in words as the page gets it."""
    return {
        "name": look.name,
        "kind": look.kind,
        "called": list(look.called),
        "prompt": look.prompt,
        "negative": look.negative,
        "is_own": look.is_own,
        "sample": sample_url(place, look.name, drawn) if drawn else None,
    }


def sample_url(place: Place, name: str, drawn: Sha256) -> str:
    """Where the page finds a sample; the hash makes a new one a new address."""
    asked = {"place": place.native, "name": name, "v": drawn[:12]}
    return f"/api/looks/sample.png?{urlencode(asked, quote_via=quote)}"
