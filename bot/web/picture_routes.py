"""Pictures on the page: originals, what made them, the gallery, uploads."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.acts.editing import fields_of
from bot.acts.recipe import recipe_buttons
from bot.command import Context
from bot.commands import COMMANDS
from bot.messages import Button, Words
from bot.phrases import clauses, phrase
from bot.port import Capabilities, House
from bot.results import picture_name, result_buttons
from bot.texts import current
from bot.web.bodies import Hanging, Who, button_told, image_told, picture_url
from bot.web.places import Place, inbound
from bot.web.routes import number, receive_bytes
from bot.web.uploads import Uploads
from bot.web.visits import Visits
from engine.api import GalleryQuery, Hung, Visitor, parameters_text, plan_of_image
from engine.errors import BadRequest, NotFound
from engine.messages import Job, JobId, Owner, PersonId, Picture, Plan, SpaceId

PAGE, MOST_PAGE = 40, 100
SEARCH_CHARS = 200
UPLOAD_POLICY = "default-src 'none'; sandbox"


class PictureRoutes:
    """Handlers; each shows only what the visitor's place allows."""

    def __init__(
        self, house: House, visits: Visits, uploads: Uploads, capabilities: Capabilities
    ) -> None:
        self._engine = house.engine
        self._board = house.board
        self._visits = visits
        self._uploads = uploads
        self._capabilities = capabilities

    def add(self, app: web.Application) -> None:
        """Register every address."""
        app.add_routes(
            [
                web.get("/pictures/{job}/{index}.png", self.picture),
                web.get("/uploads/{upload}", self.upload),
                web.get("/api/jobs/{job}", self.job),
                web.get("/api/gallery", self.gallery),
                web.get("/api/gallery/filters", self.filters),
                web.post("/api/recipe", self.recipe),
            ]
        )

    # --- files --------------------------------------------------------------------------------

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """The original, recipe and all. Browsers ask each time whether it still is there."""
        _, _, owner = await self._here(request)
        job = await self._engine.show(owner, JobId(request.match_info["job"]))
        index = request.match_info["index"]
        picture = next((each for each in _pictures(job) if str(each.index) == index), None)
        if picture is None:
            raise NotFound(what="picture", name=f"{job.id} #{index[:8]}")
        tag = f'"{picture.sha256}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        if "download" in request.query:
            headers["Content-Disposition"] = attachment(picture_name(job, picture))
        png = await self._engine.picture(owner, job.id, picture.index)
        return web.Response(body=png, content_type="image/png", headers=headers)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """A file that somebody sent, or one that the bot handed to me."""
        visitor = await self._visits.visitor(request)
        upload = await self._uploads.find(request.match_info["upload"])
        is_mine = upload.person == visitor.person
        seen = {place.space.id for place in self._visits.places(visitor)}
        if not is_mine and (upload.is_private or upload.space not in seen):
            raise NotFound(what="file", name=upload.id)
        headers = {"Cache-Control": "private, no-cache", "Content-Security-Policy": UPLOAD_POLICY}
        if not upload.media_type.startswith("image/"):
            headers["Content-Disposition"] = attachment(upload.name)
        data = await self._uploads.read(upload)
        return web.Response(body=data, content_type=upload.media_type, headers=headers)

    # --- what made it -------------------------------------------------------------------------

    async def job(self, request: web.Request) -> web.Response:
        """A picture's plan with its reasons, and the form to change it."""
        visitor, place, owner = await self._here(request)
        job = await self._engine.show(owner, JobId(request.match_info["job"]))
        buttons = await result_buttons(self._engine, job, self._capabilities)
        edit = next(each for each in buttons if each.id.startswith("edit:"))
        name = await self._name(job.owner, visitor)
        return web.json_response(
            {
                "job": {
                    "id": job.id,
                    "state": job.state,
                    "words": job.plan.words,
                    "person": Who(id=job.owner.person, name=name).model_dump(),
                    "is_mine": job.owner.person == visitor.person,
                    "asked_at": job.asked_at.isoformat(),
                    "seconds": job.result.seconds if job.result else None,
                    "plan": plan_told(job.plan),
                    "parameters": parameters_text(plan_of_image(job.plan, 0)),
                    "pictures": [
                        image_told(_hanging(job, picture), place.native)
                        for picture in _pictures(job)
                    ],
                    "buttons": [button_told(button) for button in buttons],
                    "edit": {
                        "button": edit.id,
                        "fields": [_field(each) for each in fields_of(job)],
                    },
                }
            }
        )

    async def recipe(self, request: web.Request) -> web.Response:
        """The recipe inside a picture that was dropped here."""
        visitor, place, owner = await self._here(request)
        png = await receive_bytes(request, self._uploads)
        found = await self._engine.recipe(owner, png)
        if found is None:
            raise NotFound(what="recipe", name="that picture")
        context = self._context(visitor, place)
        buttons: Sequence[Button] = await recipe_buttons(context, found)
        return web.json_response(
            {
                "recipe": {
                    "job": found.job.id if found.job else None,
                    "is_here": found.job is not None,
                    "plan": plan_told(found.plan),
                    "parameters": parameters_text(found.plan),
                    "buttons": [button_told(button) for button in buttons],
                }
            }
        )

    def _context(self, visitor: Visitor, place: Place) -> Context:
        asked = inbound(visitor, place, Words(text=""), "recipe", (), current())
        return Context(asked, self._engine, self._capabilities, COMMANDS.all(), self._uploads_fetch)

    def _uploads_fetch(self, _attachment: object, _most_bytes: int) -> AsyncIterator[bytes]:
        raise NotFound(what="file", name="that file")

    async def _name(self, owner: Owner, visitor: Visitor) -> str:
        if owner.person == visitor.person:
            return visitor.name
        member = await self._board.spaces.member(owner)
        return member.name if member else "somebody"

    # --- gallery ------------------------------------------------------------------------------

    async def gallery(self, request: web.Request) -> web.Response:
        """Pictures of a place, newest first."""
        visitor, place, _ = await self._here(request)
        query = replace(gallery_query(request, place.space.id), seen_by=visitor.person)
        page = await self._board.gallery.page(query)
        return web.json_response(
            {
                "pictures": [_hung(each, place.native) for each in page.pictures],
                "next": _cursor(page.next) if page.next else None,
                "total": page.total,
            }
        )

    async def filters(self, request: web.Request) -> web.Response:
        """What the gallery of a place can be narrowed by."""
        _, place, _ = await self._here(request)
        shown = await place.ratings(self._engine)
        cards = await self._engine.looks(place.space.id)
        looks = [card.name for card in cards if card.rating in shown]
        people = await self._board.gallery.people(place.space.id)
        return web.json_response(
            {
                "looks": sorted(looks, key=str.casefold),
                "people": [{"id": person, "name": name} for person, name in people],
            }
        )

    async def _here(self, request: web.Request) -> tuple[Visitor, Place, Owner]:
        visitor = await self._visits.visitor(request)
        place = self._visits.place(visitor, request.query.get("place"))
        place = await place.linked(self._engine)
        return visitor, place, Owner(space=place.space.id, person=visitor.person)


def gallery_query(request: web.Request, space: SpaceId) -> GalleryQuery:
    """What the address asks for; raises `BadRequest` naming the part and what would do."""
    asked = request.query
    since, until = _day(request, "from"), _day(request, "to")
    query = GalleryQuery(
        space=space,
        words=asked.get("q", "")[:SEARCH_CHARS],
        look=asked.get("look", "")[:80],
        person=PersonId(asked["person"]) if asked.get("person") else None,
        since=since,
        until=until + timedelta(days=1) if until else None,
        limit=number(request, "limit", PAGE, MOST_PAGE),
    )
    if not asked.get("before"):
        return query
    try:
        at, job, place = json.loads(urlsafe_b64decode(asked["before"]))
        return replace(query, after=(datetime.fromisoformat(str(at)), str(job), int(place)))
    except (ValueError, TypeError) as error:
        raise BadRequest(name="before", value="", valid="what an earlier page gave") from error


def _cursor(place: tuple[datetime, str, int]) -> str:
    at, job, index = place
    return urlsafe_b64encode(json.dumps([at.isoformat(), job, index]).encode()).decode()


def _day(request: web.Request, name: str) -> datetime | None:
    given = request.query.get(name)
    if not given:
        return None
    try:
        return datetime.combine(date.fromisoformat(given), time(), UTC)
    except ValueError as error:
        raise BadRequest(name=name, value=given[:20], valid="a day like 2026-11-25") from error


def plan_told(plan: Plan) -> dict[str, Any]:
    """A plan as the page shows it: no file hash, no folder."""
    told: dict[str, Any] = plan.model_dump(
        mode="json",
        include={
            "base", "family", "prompt", "negative_prompt", "width", "height", "steps",
            "guidance", "scheduler", "count", "words",
        },
    )  # fmt: skip
    # JavaScript's numbers end at 53 bits, seeds don't.
    told["seed"] = str(plan.seed)
    told["loras"] = [
        lora.model_dump(mode="json", include={"name", "weight", "trigger", "kind"})
        | {"reason": clauses(lora.reason)}
        for lora in plan.loras
    ]
    told["reasons"] = [
        {"choice": phrase(each.choice), "value": phrase(each.value), "why": clauses(each.why)}
        for each in plan.reasons
    ]
    turned = plan.variation
    told["variation"] = turned and {"seed": str(turned.seed), "strength": turned.strength}
    return told


def attachment(name: str) -> str:
    """A header that makes a browser save a file under this name (RFC 6266, RFC 8187)."""
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in name[:-4])
    return f"attachment; filename=\"{plain}{name[-4:]}\"; filename*=UTF-8''{quote(name)}"


def _field(field: Any) -> dict[str, Any]:
    told = field.model_dump(exclude={"kind"})
    is_weight = field.kind == "weight"
    return {**told, "type": field.kind, "lora": field.label if is_weight else None}


def _pictures(job: Job) -> tuple[Picture, ...]:
    return job.result.pictures if job.result else ()


def _hanging(job: Job, picture: Picture) -> Hanging:
    return Hanging(
        name=picture_name(job, picture), alt=job.plan.prompt, job=job.id, index=picture.index,
        width=picture.width, height=picture.height,
    )  # fmt: skip


def _hung(hung: Hung, space: SpaceId) -> dict[str, Any]:
    return {
        "job": hung.job,
        "index": hung.index,
        "url": picture_url(hung.job, hung.index, space),
        "width": hung.width,
        "height": hung.height,
        "words": hung.plan.words,
        "prompt": hung.plan.prompt,
        "person": {"id": hung.person, "name": hung.person_name or "somebody"},
        "at": hung.asked_at.isoformat(),
        "looks": [lora.name for lora in hung.plan.loras],
        "seed": str(hung.seed),
    }
