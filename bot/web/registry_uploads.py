"""LoRA files through the page: in pieces, each at its offset, taken up again after any cut."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import web
from pydantic import Field

from bot.escape import plain
from bot.messages import Level, Message
from bot.port import House
from bot.web.places import NAME, Address, Place
from bot.web.rates import Rate, Rates
from bot.web.registry_told import brief, upload_told
from bot.web.routes import read_json, validated
from bot.web.visits import Visits, take
from engine.api import CardFacts, Sender, Standing, Visitor, is_beside
from engine.errors import BadRequest, NotFound

TOKEN = "X-Upload-Token"  # noqa: S105  # the name of a header
PIECE_BYTES = 16 << 20
"""The largest piece of an upload in one request."""
CHUNK_BYTES = 1 << 18
PIECES = Rate(burst=300, per_s=20)
BRINGS = Rate(burst=30, per_s=0.2)
OFFSET_DIGITS = 15
MOST_BESIDE = 4
FINISH_BYTES = 1 << 20
"""What people say of a file, and the texts that lay beside it."""


class Begun(Message):
    """What an upload will be."""

    name: str = Field(min_length=1, max_length=200)
    size_bytes: int = Field(ge=0)


class Ended(Message):
    """All of it came; what its sender says of it, and its hash where they know it."""

    sha256: str | None = Field(default=None, pattern=r"^[0-9A-Fa-f]{64}$")
    facts: dict[str, Any] = Field(default_factory=dict, max_length=20)
    beside: dict[str, str] = Field(default_factory=dict, max_length=MOST_BESIDE)
    """Texts of files that lay beside it, by name."""


class RegistryUploads:
    """Handlers. An upload is known by its one-time token alone, so that a link is enough."""

    def __init__(self, house: House, visits: Visits, clock: Callable[[], float]) -> None:
        self._engine = house.engine
        self._registry = house.engine.registry
        self._visits = visits
        self._pieces = Rates(PIECES, clock)
        self._brings = Rates(BRINGS, clock)

    def add(self, app: web.Application) -> None:
        """Register every address."""
        app.add_routes(
            [
                web.post("/api/registry/links", self.link),
                web.post("/api/registry/uploads", self.new_upload),
                web.get("/api/registry/upload", self.upload),
                web.post("/api/registry/upload", self.begin),
                web.patch("/api/registry/upload", self.piece),
                web.delete("/api/registry/upload", self.cancel),
                web.post("/api/registry/upload/finish", self.finish),
            ]
        )

    async def link(self, request: web.Request) -> web.Response:
        """Have a LoRA fetched by link."""
        visitor, place = await self._may_add(request)
        url = str((await read_json(request)).get("url") or "")[:500]
        intake = await self._registry.intake.link(_sender(visitor, place), url)
        return web.json_response({"intake": brief(intake)}, status=202)

    async def new_upload(self, request: web.Request) -> web.Response:
        """A one-time token for a file of mine."""
        visitor, place = await self._may_add(request)
        token = await self._registry.upload_link(_sender(visitor, place))
        return web.json_response(
            {"token": token, "cap_bytes": self._registry.cap_bytes}, status=201
        )

    async def upload(self, request: web.Request) -> web.Response:
        """How far the upload of this token is; nobody has to be signed in for it."""
        token = self._token(request)
        return await self._answer(await self._registry.uploads.standing(token))

    async def begin(self, request: web.Request) -> web.Response:
        """Say which file comes, and how large it is."""
        token = self._token(request)
        begun = validated(Begun, await read_json(request))
        _check_size(begun.size_bytes, self._registry.cap_bytes)
        name = plain(begun.name.replace("\\", "/").rpartition("/")[2], 120) or "lora.safetensors"
        return await self._answer(await self._registry.uploads.begin(token, name, begun.size_bytes))

    async def piece(self, request: web.Request) -> web.Response:
        """The next piece, beginning at `Upload-Offset`; 409 tells the right one.

        With `Upload-Ends: no` the whole file waits for `finish`.
        """
        if (request.content_length or 0) > PIECE_BYTES:
            raise web.HTTPRequestEntityTooLarge(PIECE_BYTES, request.content_length or 0)
        given = request.headers.get("Upload-Offset", "")
        if not (given.isascii() and given.isdigit() and len(given) <= OFFSET_DIGITS):
            raise BadRequest(name="Upload-Offset", value=given[:20], valid="a number of bytes")
        token, ends = self._token(request), request.headers.get("Upload-Ends") != "no"
        where = await self._registry.uploads.standing(token)
        if where.offset != int(given):
            return await self._answer(where, status=409)
        uploads = self._registry.uploads
        try:
            return await self._answer(
                await uploads.add(token, int(given), _pieces(request), ends=ends)
            )
        except BadRequest as error:
            return await self._elsewhere(token, error)

    async def finish(self, request: web.Request) -> web.Response:
        """The last byte is here: the file goes into the line, with what its sender says of it."""
        token = self._token(request)
        ended = validated(Ended, await read_json(request, FINISH_BYTES))
        uploads = self._registry.uploads
        try:
            return await self._answer(
                await uploads.finish(token, _facts(ended.facts), ended.sha256, _beside(ended))
            )
        except BadRequest as error:
            return await self._elsewhere(token, error)

    async def cancel(self, request: web.Request) -> web.Response:
        """Whoever sends it changed their mind: what came so far is deleted at once."""
        return await self._answer(await self._registry.uploads.cancel(self._token(request)))

    async def _elsewhere(self, token: str, error: BadRequest) -> web.Response:
        """Bytes that belong elsewhere are told where to go on; all else is refused as ever."""
        if error.code != "wrong_offset":
            raise error
        return await self._answer(await self._registry.uploads.standing(token), status=409)

    def _token(self, request: web.Request) -> str:
        """The token comes in a header, never in an address that logs keep."""
        take(self._pieces, request.remote or "")
        token = request.headers.get(TOKEN, "")
        if not 20 <= len(token) <= 100:
            raise NotFound(what="upload link", name="that")
        return token

    async def _may_add(self, request: web.Request) -> tuple[Visitor, Place]:
        visitor = await self._visits.visitor(request)
        place = self._visits.place(visitor, request.query.get("place"))
        place = await place.linked(self._engine)
        if not await self._registry.members_may_add(place.space.id):
            place.require(Level.MODERATOR, "add looks here")
        take(self._brings, visitor.person)
        return visitor, place

    async def _answer(self, where: Standing, status: int = 200) -> web.Response:
        intake, name, drawn = where.intake, "", None
        if intake is not None and intake.entry is not None and intake.state != "refused":
            entry = await self._registry.vetting.find(intake.sender.space, intake.entry)
            name = plain(entry.card.name, 80)
        if intake is not None and intake.state == "previewing":
            cells = await self._registry.cells(intake)
            drawn = (sum(cell.is_over for cell in cells), len(cells)) if cells else None
        return web.json_response(upload_told(where, PIECE_BYTES, name, drawn), status=status)


def _sender(visitor: Visitor, place: Place) -> Sender:
    address = Address(place.native, visitor.person, visitor.name).written()
    return Sender(place.space.id, visitor.person, visitor.name, NAME, address)


def _check_size(size_bytes: int, most: int) -> None:
    if not size_bytes:
        valid = "a .safetensors file as it came from its trainer"
        raise BadRequest(name="file", value="an empty one", valid=valid)
    if size_bytes > most:
        raise BadRequest(name="file", value=_gib(size_bytes), valid=f"at most {_gib(most)}")


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 30):.2f} GiB"


def _facts(given: dict[str, Any]) -> dict[str, Any]:
    """What people may say of a file here; the rest is the file's or the moderators' to say."""
    known, said = CardFacts.model_fields.keys(), given.items()
    return {name: value for name, value in said if name in known and value not in (None, "")}


def _beside(ended: Ended) -> dict[str, str]:
    return {name: text for name, text in ended.beside.items() if is_beside(name)}


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    left = PIECE_BYTES
    async for chunk in request.content.iter_chunked(CHUNK_BYTES):
        left -= len(chunk)
        if left < 0:
            raise web.HTTPRequestEntityTooLarge(PIECE_BYTES, PIECE_BYTES + 1)
        yield chunk
