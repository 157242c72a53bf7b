"""The registry on the page: what a place has, what waits for a moderator, what they decide."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, get_args

from aiohttp import web
from pydantic import Field

from bot import buttons
from bot.acts.editing import FormField
from bot.acts.vetting import EditFields, edit_of, form_of
from bot.messages import Level, Message
from bot.port import House
from bot.web.look_routes import sample_url
from bot.web.places import NAME, Place
from bot.web.registry_told import (
    cells_told,
    entry_told,
    intake_told,
    line_told,
    measured_told,
    sheet_url,
)
from bot.web.routes import number, read_json, validated
from bot.web.visits import Visits
from engine.api import (
    AuditLine,
    CardEdit,
    Entrance,
    Entry,
    EntryQuery,
    EntryState,
    Intake,
    IntakeState,
    Shown,
    Visitor,
    best_cell,
)
from engine.errors import BadRequest, NotFound
from engine.messages import Decision, EntryId, IntakeId, Owner, PersonId, Vet

PAGE, MOST_PAGE = 25, 100
STATES: Final[Mapping[str, tuple[IntakeState, ...]]] = {
    "waiting": ("waiting",),
    "working": ("fetching", "received", "checked", "identified", "previewing"),
    "decided": ("approved", "rejected", "retired"),
    "refused": ("refused", "known"),
}
OURS = {"atelier:registry": "Atelier", "atelier:vetting": "Atelier"}


class Judged(Message):
    """A decision as the page sends it."""

    decision: Decision
    reason: str = Field(default="", max_length=500)


class RegistryRoutes:
    """Handlers; each asks for the level that the visitor holds in the place at this moment."""

    def __init__(self, house: House, visits: Visits) -> None:
        self._registry = house.engine.registry
        self._engine = house.engine
        self._board = house.board
        self._visits = visits

    def add(self, app: web.Application) -> None:
        """Register every address."""
        one = "/api/registry/intakes/{intake}"
        app.add_routes(
            [
                web.get("/api/registry", self.pulse),
                web.get("/api/registry/entries", self.entries),
                web.get("/api/registry/entries/{entry}", self.entry),
                web.post("/api/registry/entries/{entry}", self.edit),
                web.post("/api/registry/entries/{entry}/decision", self.decide),
                web.get("/api/registry/intakes", self.intakes),
                web.get(one, self.intake),
                web.get(f"{one}/sheet.png", self.sheet),
                web.get(f"{one}/sample.png", self.sample),
                web.get(f"{one}/cells/{{cell}}/{{index}}.png", self.cell),
                web.get("/api/registry/form", self.form),
            ]
        )

    # --- looking ------------------------------------------------------------------------------

    async def pulse(self, request: web.Request) -> web.Response:
        """How much waits; the stamp changes with everything that happens to looks here."""
        _, place = await self._here(request)
        space, is_vetting = place.space.id, place.level >= Level.MODERATOR
        pulse = await self._registry.pulse(space)
        return web.json_response(
            {
                "waiting": pulse.waiting if is_vetting else None,
                "working": pulse.working if is_vetting else None,
                "stamp": pulse.stamp,
                "may_decide": is_vetting,
                "may_add": is_vetting or await self._registry.members_may_add(space),
                "cap_bytes": self._registry.cap_bytes,
            }
        )

    async def entries(self, request: web.Request) -> web.Response:
        """A page of what may be used here; moderators may ask for other states."""
        _, place = await self._here(request)
        state = _state(request.query.get("state", "approved"))
        if state != "approved":
            place.require(Level.MODERATOR, "see looks that are not approved")
        limit = number(request, "limit", PAGE, MOST_PAGE)
        skip = (number(request, "page", 1, 9_999) - 1) * limit
        words = request.query.get("q", "")[:200]
        ratings = await place.ratings(self._engine)
        query = EntryQuery(place.space.id, words, (state,), limit, skip, ratings)
        page = await self._registry.page(query)
        told = [await self._entry_told(place, entry) for entry in page.entries]
        await self._add_samples(place, page.entries, told)
        return web.json_response(
            {
                "entries": told,
                "total": page.total,
                "mended": page.mended,
            }
        )

    async def entry(self, request: web.Request) -> web.Response:
        """One entry with its preview, and for moderators with all that is known of it."""
        _, place = await self._here(request)
        entry = await self._find(place, request)
        intake = await self._registry.of_entry(place.space.id, entry.id)
        is_vetting = place.level >= Level.MODERATOR
        told = await self._entry_told(place, entry, intake)
        shown = intake if is_vetting else None
        return web.json_response(
            {
                "entry": told,
                "intake": intake_told(shown, told) if shown else None,
                "form": [field.model_dump() for field in form_of(entry, "edit")]
                if is_vetting
                else [],
                "history": await self._history(place, entry, shown) if is_vetting else [],
                "sheet": sheet_url(intake) if intake else None,
                "cells": await self._cells(intake),
                "measured": await self._measured(entry) if is_vetting else [],
            }
        )

    async def intakes(self, request: web.Request) -> web.Response:
        """Files on their way in, oldest first, for moderators."""
        _, place = await self._here(request, "see what waits here")
        named = request.query.get("state", "waiting")
        states = STATES.get(named)
        if states is None:
            raise BadRequest(name="state", value=named[:20], valid=", ".join(STATES))
        limit = number(request, "limit", PAGE, MOST_PAGE)
        skip = (number(request, "page", 1, 9_999) - 1) * limit
        page = await self._registry.waiting(place.space.id, limit, skip, states)
        told = [await self._told(intake, place) for intake in page.intakes]
        return web.json_response({"intakes": told, "total": page.total})

    async def intake(self, request: web.Request) -> web.Response:
        """One of them with its preview, findings, forms and history."""
        _, place = await self._here(request, "see what waits here")
        intake = await self._intake(place, request)
        told: dict[str, Any] = {"intake": await self._told(intake, place), "history": []}
        if intake.entry is not None:
            entry = await self._registry.vetting.find(place.space.id, intake.entry)
            told["history"] = await self._history(place, entry, intake)
            told["measured"] = await self._measured(entry)
            told["forms"] = {
                decision: [field.model_dump() for field in form_of(entry, decision)]
                for decision in ("edit", "reject", "ask")
            }
        told["cells"] = await self._cells(intake)
        return web.json_response(told)

    async def sheet(self, request: web.Request) -> web.StreamResponse:
        """The contact sheet of a preview."""
        intake = await self._visible(request)
        if intake.sheet is None:
            raise NotFound(what="picture", name="sheet")
        if _is_known(request, intake.sheet):
            return _unchanged(intake.sheet)
        return _picture(await self._registry.sheet(intake) or b"", intake.sheet)

    async def sample(self, request: web.Request) -> web.StreamResponse:
        """The picture that stands for a look: woken, at its own weight."""
        intake = await self._visible(request)
        best = best_cell([each for each in await self._registry.cells(intake) if each.pictures])
        if best is None:
            raise NotFound(what="picture", name="sample")
        return await self._drawn(request, intake, best, 0)

    async def cell(self, request: web.Request) -> web.StreamResponse:
        """One picture of a preview."""
        intake = await self._visible(request)
        cell, index = request.match_info["cell"], request.match_info["index"]
        for shown in await self._registry.cells(intake):
            if str(shown.place) == cell and index in map(str, range(len(shown.pictures))):
                return await self._drawn(request, intake, shown, int(index))
        raise NotFound(what="picture", name=cell[:8])

    async def _drawn(
        self, request: web.Request, intake: Intake, shown: Shown, index: int
    ) -> web.StreamResponse:
        is_small = request.query.get("size") == "small" and intake.sheet is not None
        whole = None if is_small else shown.pictures[index].sha256
        tag = whole or f"{intake.sheet}-{shown.place}-{index}"
        if _is_known(request, tag):
            return _unchanged(tag)
        png = await self._registry.cell_picture(intake, shown.place, index, is_small=is_small)
        return _picture(png, tag)

    async def form(self, request: web.Request) -> web.Response:
        """The fields to ask for before a `form` button is pressed."""
        visitor, place = await self._here(request, "decide about looks here")
        pressed = buttons.read(request.query.get("button", ""))
        owner = Owner(space=place.space.id, person=visitor.person)
        intent = await self._engine.recall(owner, pressed.intent)
        fields: tuple[FormField, ...] = ()
        if isinstance(intent, Vet) and intent.entry is not None:
            entry = await self._registry.vetting.find(place.space.id, intent.entry)
            fields = form_of(entry, intent.decision)
        return web.json_response({"fields": [field.model_dump() for field in fields]})

    # --- deciding -----------------------------------------------------------------------------

    async def decide(self, request: web.Request) -> web.Response:
        """Approve, reject, ask, retire or take back."""
        visitor, place = await self._here(request, "decide about looks here")
        judged = validated(Judged, await read_json(request))
        await self._enter(visitor, place)
        vetting, space, actor = self._registry.vetting, place.space.id, visitor.person
        entry = EntryId(request.match_info["entry"])
        match judged.decision:
            case "approve":
                await vetting.approve(space, entry, actor, judged.reason)
            case "reject":
                await vetting.reject(space, entry, actor, judged.reason)
            case "retire":
                await vetting.retire(space, entry, actor, judged.reason)
            case "undo":
                await vetting.undo(space, entry, actor, judged.reason)
            case "ask":
                await vetting.ask(space, entry, actor, judged.reason)
            case other:
                raise BadRequest(
                    name="decision", value=other, valid="approve, reject, ask, retire or undo"
                )
        return await self.entry(request)

    async def edit(self, request: web.Request) -> web.Response:
        """Set fields of an entry: as texts of the form, or under `fields` as they are kept.

        A `reason` beside `fields` goes into the log.
        """
        visitor, place = await self._here(request, "decide about looks here")
        told, reason = await read_json(request), ""
        if isinstance(told.get("fields"), dict):
            change, reason = validated(CardEdit, told["fields"]), str(told.get("reason") or "")
        else:
            fields = {str(name): str(value) for name, value in told.items() if str(value).strip()}
            change = edit_of(EditFields.from_text(fields))
        await self._enter(visitor, place)
        entry = EntryId(request.match_info["entry"])
        await self._registry.vetting.edit(place.space.id, entry, visitor.person, change, reason)
        return await self.entry(request)

    async def _enter(self, visitor: Visitor, place: Place) -> None:
        """Who decides is known by name afterwards; other platforms' places are theirs to tell."""
        space = place.space
        if not space.id.startswith(f"{NAME}:"):
            return
        owner, level = Owner(space=space.id, person=visitor.person), int(place.level)
        entrance = Entrance(owner, NAME, space.title, space.kind, visitor.name, level)
        await self._board.spaces.enter(entrance, datetime.now(UTC))

    # --- who and where ------------------------------------------------------------------------

    async def _here(self, request: web.Request, what: str = "") -> tuple[Visitor, Place]:
        """Who asks, and where; `what` only a moderator may."""
        visitor = await self._visits.visitor(request)
        place = self._visits.place(visitor, request.query.get("place"))
        if what:
            place.require(Level.MODERATOR, what)
        return visitor, await place.linked(self._engine)

    async def _find(self, place: Place, request: web.Request) -> Entry:
        named = EntryId(request.match_info["entry"])
        entry = await self._registry.vetting.find(place.space.id, named)
        if entry.state != "approved" and place.level < Level.MODERATOR:
            raise NotFound(what="look", name=named[:40])
        await self._check_rating(place, entry)
        return entry

    async def _check_rating(self, place: Place, entry: Entry) -> None:
        """Raises `NotFound` for a look that is rated above what this place shows."""
        if entry.card.rating not in await place.ratings(self._engine):
            raise NotFound(what="look", name=entry.id[:40])

    async def _intake(self, place: Place, request: web.Request) -> Intake:
        return await self._registry.find(place.space.id, IntakeId(request.match_info["intake"]))

    async def _visible(self, request: web.Request) -> Intake:
        """An intake that a moderator, its sender or (once approved) everybody here may see."""
        visitor, place = await self._here(request)
        intake = await self._intake(place, request)
        if intake.sender.person == visitor.person:
            return intake
        if intake.state != "approved":
            place.require(Level.MODERATOR, "see what waits here")
        if intake.entry is not None:
            entry = await self._registry.vetting.find(place.space.id, intake.entry)
            await self._check_rating(place, entry)
        return intake

    async def _entry_told(
        self, place: Place, entry: Entry, intake: Intake | None = None
    ) -> dict[str, Any]:
        came_by = intake or await self._registry.of_entry(place.space.id, entry.id)
        is_vetting = place.level >= Level.MODERATOR
        choices = self._registry.vetting.choices(entry) if is_vetting else ()
        return entry_told(entry, came_by, is_vetting=is_vetting, choices=choices)

    async def _add_samples(
        self, place: Place, entries: Iterable[Entry], told: list[dict[str, Any]]
    ) -> None:
        """Approved looks without a preview of their own show the sample that was drawn of them.

        A moderator's visit has the missing ones drawn.
        """
        bare = {entry.card.name: entry.card for entry in entries if entry.state == "approved"}
        for each in told:
            if each["sample"] is not None:
                bare.pop(each["name"], None)
        cards = tuple(bare.values())
        if not cards:
            return
        if place.level >= Level.MODERATOR:
            await self._engine.ask_samples(place.space.id, cards)
        drawn = await self._engine.samples(place.space.id, cards)
        for each in told:
            if each["sample"] is None and each["name"] in drawn:
                each["sample"] = sample_url(place, each["name"], drawn[each["name"]])

    async def _told(self, intake: Intake, place: Place) -> dict[str, Any]:
        told = None
        if intake.entry is not None:
            entry = await self._registry.vetting.find(place.space.id, intake.entry)
            told = await self._entry_told(place, entry, intake)
        return intake_told(intake, told)

    async def _cells(self, intake: Intake | None) -> list[dict[str, Any]]:
        return [] if intake is None else cells_told(await self._registry.cells(intake), intake)

    async def _measured(self, entry: Entry) -> list[dict[str, Any]]:
        return measured_told(await self._registry.measured(entry.file.sha256))

    async def _history(
        self, place: Place, entry: Entry, intake: Intake | None
    ) -> list[dict[str, str]]:
        lines = await self._registry.history(place.space.id, entry.id)
        names = {PersonId(person): name for person, name in OURS.items()}
        if intake is not None:
            names[intake.sender.person] = intake.sender.name
        names.update(await self._names(place, lines))
        return [line_told(line, names) for line in lines]

    async def _names(self, place: Place, lines: Iterable[AuditLine]) -> dict[PersonId, str]:
        names = {}
        for person in {line.actor for line in lines}:
            member = await self._board.spaces.member(Owner(space=place.space.id, person=person))
            if member is not None:
                names[person] = member.name
        return names


def _is_known(request: web.Request, tag: str) -> bool:
    return request.headers.get("If-None-Match") == f'"{tag}"'


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}


def _unchanged(tag: str) -> web.Response:
    return web.Response(status=304, headers=_headers(tag))


def _picture(png: bytes, tag: str) -> web.Response:
    return web.Response(body=png, content_type="image/png", headers=_headers(tag))


def _state(named: str) -> EntryState:
    states: tuple[EntryState, ...] = get_args(EntryState)
    for state in states:
        if state == named:
            return state
    raise BadRequest(name="state", value=named[:20], valid=", ".join(states))
