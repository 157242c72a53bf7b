"""People with a browser, as far as the server can tell: HTTP and the live stream."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.messages import Level
from engine.api import Visitor
from engine.messages import PersonId
from tests.acceptance.everywhere.person import Found, Person, Seen
from tests.fakes.page import MARK, Guest, Told

UPLOAD = "/api/registry/upload"


@dataclass(kw_only=True)
class OnThePage(Person):
    """Somebody who has the page open."""

    guest: Guest
    place: str
    own: str
    """Their talk with the bot alone."""

    async def says(self, words: str) -> None:
        self.acts()
        await self._act({"kind": "typed", "text": words})

    async def uses(self, command: str, /, **options: Any) -> None:
        self.acts()
        given = {name: str(value) for name, value in options.items()}
        await self._act({"kind": "command", "name": command, "options": given})

    async def presses(self, label: str, on: Seen | None = None) -> None:
        await self._press(label, on, {})

    async def fills(self, label: str, /, **fields: str) -> None:
        await self._press(label, None, {"fields": fields})

    async def _press(self, label: str, on: Seen | None, more: dict[str, Any]) -> None:
        seen = self.last(label, on)
        post = self._posts()[seen.id]
        button = next(each["id"] for each in post["buttons"] if each["label"] == label)
        self.acts()
        told = await self.guest.presses(button, post["place"], **more)
        assert told["status"] == 202, told

    async def sends(self, name: str, data: bytes, words: str = "") -> None:
        self.acts()
        headers = {"X-Name": name, "Content-Type": "image/png"}
        told = await self.guest.send(
            "POST", f"/api/uploads?place={self.place}", data=data, headers=headers
        )
        await self._act({"kind": "typed", "text": words}, uploads=[told["upload"]["id"]])

    async def brings(self, name: str, data: bytes) -> None:
        await self.uses("lora", action="add")
        link = await self.sees("/upload#")
        await hand_in(self.guest.session, link.text, name, data)

    async def _act(self, act: object, **more: object) -> None:
        told = await self.guest.act(act, self.place, **more)
        assert told["status"] == 202, told

    def now(self) -> list[Seen]:
        return [_seen(each) for each in self._posts().values()]

    def _posts(self) -> dict[str, Told]:
        """As the page shows them: by id, the newest revision of each."""
        shown: dict[str, Told] = {}
        for frame in self.guest.heard:
            post = frame["post"] if frame["kind"] == "post" else {}
            known = shown.get(post.get("id", ""))
            is_newer = known is None or post["revision"] >= known["revision"]
            if post and post["place"] in (self.place, self.own) and is_newer:
                shown[post["id"]] = post
        return {
            name: post
            for name, post in shown.items()
            if post["author"]["is_bot"] and not post["is_deleted"]
        }

    async def until(self, is_so: Callable[[], Found | None]) -> Found:
        return await self.guest.until(is_so)

    async def looks_at(self, seen: Seen) -> list[bytes]:
        found = []
        for url in seen.pictures:
            async with self.guest.session.get(url) as answer:
                found.append(await answer.read())
        return found

    def called(self) -> list[str]:
        """Posts are data: what formats them is not in them, and nobody is called by one."""
        return []


def _seen(post: Told) -> Seen:
    lines = [part for line in post["lines"] for part in (line["name"], line["value"])]
    return Seen(
        post["id"],
        "\n".join(filter(None, (post["title"], post["text"], *lines))),
        tuple(each["url"] for each in post["images"]),
        tuple(each["label"] for each in post["buttons"]),
        tuple(each["name"] for each in post["files"]),
    )


async def hand_in(session: aiohttp.ClientSession, text: str, name: str, data: bytes) -> None:
    """Use the upload link of a message."""
    link = next(word for word in text.split() if "/upload#" in word)
    headers = {"X-Upload-Token": link.partition("#")[2]}
    body = {"name": name, "size_bytes": len(data)}
    async with session.post(UPLOAD, json=body, headers=headers) as begun:
        assert begun.status == 200, await begun.text()
    headers["Upload-Offset"] = "0"
    async with session.patch(UPLOAD, data=data, headers=headers) as ended:
        assert ended.status == 200, await ended.text()


@dataclass
class PageStage:
    """A channel of the page for every place."""

    invite: Callable[[Visitor, float], Awaitable[str]]
    url: str
    channels: list[str]
    opened: AsyncExitStack
    guests: list[Guest] = field(default_factory=list)

    def place(self) -> str:
        return self.channels.pop()

    async def person(self, name: str, place: str, level: Level = Level.MEMBER) -> OnThePage:
        jar = aiohttp.CookieJar(unsafe=True)
        session = aiohttp.ClientSession(self.url, cookie_jar=jar, headers=MARK)
        await self.opened.enter_async_context(session)
        guest = Guest(session)
        self.guests.append(guest)
        if level is Level.MEMBER:
            await guest.send("POST", "/api/session", {"name": name})
        else:
            who = Visitor(PersonId(f"web:{name}-{len(self.guests)}"), name, int(level))
            token = await self.invite(who, 600)
            await guest.send("POST", "/api/enter", {"token": token})
        await guest.listen()
        return await self._in(place, name, guest)

    async def elsewhere(self, person: Person, place: str) -> OnThePage:
        assert isinstance(person, OnThePage)
        return await self._in(place, person.name, person.guest)

    async def _in(self, place: str, name: str, guest: Guest) -> OnThePage:
        """What was said there before stands on the page, too."""
        told = await guest.get(f"/api/posts?place={place}")
        guest.heard += [{"kind": "post", "post": each} for each in told["posts"]]
        own = (await guest.get("/api/me"))["places"][-1]["id"]
        return OnThePage(name, guest=guest, place=place, own=own)

    async def close(self) -> None:
        """Everybody goes home."""
        await asyncio.gather(*(guest.hang_up() for guest in self.guests))
        await self.opened.aclose()
