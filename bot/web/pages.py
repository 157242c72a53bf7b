"""The page's own files: read once, served by name, never a folder."""

import gzip
import hashlib
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.texts import LOCALES, Template, current, translations
from bot.web.visits import WORDS

PAGES = Path(__file__).parent / "pages"
INDEX = "index.html"
TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
WORTH_PACKING = 512
OF_THE_PAGE = frozenset({"page", "kind", "rating", "state"})
"""Beginnings of the keys that the page says itself."""


@dataclass(frozen=True, slots=True)
class Page:
    """One file, packed beforehand."""

    data: bytes
    packed: bytes | None
    media_type: str
    tag: str


def read_pages(folder: Path = PAGES) -> dict[str, Page]:
    """Every file of the folder by its name."""
    return {path.name: _page(path) for path in sorted(folder.iterdir()) if path.is_file()}


def version(pages: dict[str, Page]) -> str:
    """Changes when any file does: an open page learns that it is out of date."""
    whole = hashlib.sha256("".join(page.tag for page in pages.values()).encode())
    return whole.hexdigest()[:12]


def add_pages(app: web.Application) -> None:
    """`/`, `/enter` and `/upload` are the page; its parts are under `/static/`."""
    pages = read_pages()
    spoken = {locale: words_of(locale) for locale in LOCALES}

    async def index(request: web.Request) -> web.Response:
        return _serve(request, pages[INDEX])

    async def part(request: web.Request) -> web.Response:
        page = pages.get(request.match_info["name"])
        if page is None:
            raise web.HTTPNotFound
        return _serve(request, page)

    async def words(request: web.Request) -> web.Response:
        return _serve(request, spoken[current()], "Accept-Encoding, Accept-Language, Cookie")

    async def icon(request: web.Request) -> web.Response:
        return _serve(request, pages["icon.svg"])

    app.add_routes(
        [
            web.get("/", index),
            web.get("/enter", index),
            web.get("/upload", index),
            web.get("/favicon.ico", icon),
            web.get(WORDS, words),
            web.get("/static/{name}", part),
        ]
    )


def words_of(locale: str) -> Page:
    """What the page says in a language, as the module that `texts.js` imports."""
    words = {
        key: template
        for key, template in translations(locale).items()
        if key.partition(".")[0] in OF_THE_PAGE
    }
    told = f"export const locale = {json.dumps(locale)};\nexport const words = {_json(words)};\n"
    return _packed(told.encode(), TYPES[".js"])


def _json(words: Mapping[str, Template]) -> str:
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


def _page(path: Path) -> Page:
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return _packed(path.read_bytes(), TYPES.get(path.suffix, guessed))


def _packed(data: bytes, media_type: str) -> Page:
    return Page(
        data=data,
        packed=gzip.compress(data, mtime=0) if len(data) > WORTH_PACKING else None,
        media_type=media_type,
        tag=hashlib.sha256(data).hexdigest()[:32],
    )


def _serve(request: web.Request, page: Page, vary: str = "Accept-Encoding") -> web.Response:
    """The file, or 304 when the browser has it already."""
    tag = f'"{page.tag}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": vary}
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return web.Response(status=304, headers=headers)
    data = page.data
    if page.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        data = page.packed
        headers["Content-Encoding"] = "gzip"
    return web.Response(
        body=data,
        headers={**headers, "Content-Type": f"{page.media_type}; charset=utf-8"},
    )
