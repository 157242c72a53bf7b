"""The demo's page: two places with looks of their own, a first picture, and the way in."""

import asyncio
import os
import sys
import time
import webbrowser
from collections.abc import Mapping

from rich.console import Console as Screen
from rich.panel import Panel
from rich.text import Text

from bot import wiring
from bot.cli.web import page_url
from bot.errors import PortTaken
from bot.messages import Level, Words
from bot.metrics import Metrics
from bot.settings import Settings
from bot.web.adapter import WebPlatform
from bot.web.bodies import Body
from bot.web.places import NAME, channels, inbound, places
from engine.api import Visitor
from engine.messages import Ended, PersonId, SpaceId

STUDIO, ARCADE = channels(("Studio", "Arcade"))
LOOKS: Mapping[SpaceId, frozenset[str]] = {
    STUDIO.id: frozenset({"Zib", "Neon", "Mosaic", "Golden Hour", "Moon Lantern"}),
    ARCADE.id: frozenset({"Mira", "Linocut", "Golden Hour", "Neon"}),
}
"""Each place has vetted other looks: Zib is unknown in the Arcade."""
FIRST = ((STUDIO, "Zib in neon on a blue background"), (ARCADE, "Mira at golden hour"))
MINA = Visitor(PersonId(f"{NAME}:mina"), "Mina", int(Level.MEMBER))
YOU = Visitor(PersonId(f"{NAME}:host"), "You", int(Level.HOST))
LINK_LASTS_S = 24 * 3600.0


async def show_page(settings: Settings, screen: Screen, *, opens: bool) -> None:
    """The whole bot with its page, until Ctrl-C; on another port when this one is taken."""
    settings = settings.model_copy(
        update={
            "platforms": (NAME,),
            "http": settings.http.model_copy(update={"enabled": True}),
            "web": settings.web.model_copy(update={"channels": (STUDIO.title, ARCADE.title)}),
        }
    )
    metrics = Metrics()
    setting_up = screen.status("Setting up: database, the miniature base, its LoRAs, a worker")
    setting_up.start()
    async with wiring.started(settings, metrics=metrics, is_demo=True, some=LOOKS) as engine:
        setting_up.stop()

        async def ready(bot: wiring.Bot, url: str | None) -> None:
            await _welcome(bot, url or page_url(settings), screen, opens=opens)

        try:
            await wiring.inhabit(settings, engine, metrics, ready)
        except PortTaken:
            free = settings.http.model_copy(update={"port": 0})
            settings = settings.model_copy(update={"http": free})
            await wiring.inhabit(settings, engine, metrics, ready)


async def _welcome(bot: wiring.Bot, url: str, screen: Screen, *, opens: bool) -> None:
    token = await bot.engine.invite(YOU, LINK_LASTS_S)
    own = f"{url}/enter#{token}"
    told = Text.assemble(
        ("Your way in  ", "cyan"), (own, "bold"), "\n",
        ("Others on this machine  ", "cyan"), (url, "bold"), "\n\n",
        "Two places, Studio and Arcade, each with looks of its own. Say what you want to see:\n",
        ("Zib as a mosaic at golden hour", "italic"), "\n\n",
        ("Ctrl-C ends it. Everything is in the folder of the demo.", "dim"),
    )  # fmt: skip
    screen.print(Panel(told, title="Atelier is open", border_style="cyan", padding=(1, 2)))
    if opens and _has_browser():
        await asyncio.to_thread(webbrowser.open, own)
    await _first_pictures(bot, screen)
    await _ask_samples(bot)


async def _ask_samples(bot: wiring.Bot) -> None:
    """The looks of both places get a sample picture, behind everybody's work."""
    for place in (STUDIO, ARCADE):
        cards = await bot.engine.looks(place.id)
        words = [look for look in await bot.engine.word_looks(place.id) if look.is_own]
        await bot.engine.ask_samples(place.id, (*cards, *words))


async def _first_pictures(bot: wiring.Bot, screen: Screen) -> None:
    """At the first start Mina asks for a picture in each place, as anybody would."""
    platform = bot.platforms[NAME]
    if not isinstance(platform, WebPlatform) or (await bot.engine.kept(MINA.person)).jobs:
        return
    began = time.monotonic()
    events = bot.engine.events()
    await platform.listening()
    for space, words in FIRST:
        place = next(each for each in places(MINA, (STUDIO, ARCADE)) if each.space.id == space.id)
        said = inbound(MINA, place, Words(text=words), f"first-{space.id.partition(':')[2]}")
        await platform.said(said, Body(name=MINA.name, text=words), is_public=True)
    with screen.status("Mina is asking for a first picture"):
        async for event in events:
            if isinstance(event, Ended):
                break
    took = time.monotonic() - began
    screen.print(Text(f"  A first picture hangs in the Studio after {took:.1f} s.", "dim"))


def _has_browser() -> bool:
    """A browser with a window: one that would take the terminal is of no use here."""
    if sys.platform in ("darwin", "win32"):
        return sys.stdout.isatty()
    return sys.stdout.isatty() and bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
