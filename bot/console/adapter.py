"""The console platform: a conversation in the terminal, the smallest platform there is."""

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console as Screen
from rich.live import Live
from rich.text import Text

from bot.console import outbound as shown
from bot.console.inbound import NAME, NoSuchButton, inbound, read
from bot.console.lines import MARK, Lines, from_stream
from bot.messages import Attachment, Button, Invoke, Outbound
from bot.port import CannotPost, Capabilities, House, Maker, Receive
from bot.settings import Settings
from engine.messages import JobId, PersonId

QUIT = ("/quit", "/exit")
HELLO = "Describe a picture and press Enter. /help shows more, Ctrl-D leaves."
EDITS_EVERY_S = 0.05


class ConsolePlatform:
    """One person, one place: each answer is shown before the next line is asked for."""

    name = NAME
    capabilities = Capabilities(
        text_chars=20_000,
        images=16,
        image_bytes=100_000_000,
        buttons=20,
        can_edit=True,
        can_be_private=True,
        progress_every_s=EDITS_EVERY_S,
        attachments="none",
        is_shared=False,
    )

    def __init__(self, screen: Screen, lines: Lines, folder: Path, hello: str = HELLO) -> None:
        self._screen = screen
        self._lines = lines
        self._folder = folder
        self._hello = hello
        self._buttons: tuple[Button, ...] = ()
        self._drawing: set[JobId] = set()
        self._all_drawn = asyncio.Event()
        self._all_drawn.set()
        self._bar: Live | None = None

    # --- receive ----------------------------------------------------------------------------

    async def run(self, receive: Receive) -> None:
        """Ask for lines until there are no more; Ctrl-C cancels what is being drawn."""
        if self._hello:
            self._screen.print(Text(self._hello, style="dim"))
        with self._interrupts(receive):
            while (line := await self._lines.next()) is not None:
                if line.strip().casefold() in QUIT:
                    break
                if not self._lines.is_typed and line.strip():
                    self._screen.print(Text(f"{MARK} {line}", style="bold cyan"))
                await self._take(line, receive)
        self._close_bar()

    async def _take(self, line: str, receive: Receive) -> None:
        try:
            act = read(line, self._buttons)
        except NoSuchButton as error:
            self._say(f"There is no button {error.number} here. /help shows what else works.")
            return
        if act is not None:
            await receive(inbound(act))
            await self._all_drawn.wait()

    def _say(self, text: str) -> None:
        self._screen.print(Text(f"  {text}", style="dim"))

    @contextmanager
    def _interrupts(self, receive: Receive) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        cancels: set[asyncio.Task[None]] = set()
        asked: set[JobId] = set()

        def interrupt() -> None:
            if not self._drawing:
                self._screen.print()
                self._say("Nothing is being drawn. Ctrl-D leaves.")
            if self._drawing and self._drawing <= asked:
                self._stop_waiting()
            for job in self._drawing - asked:
                asked.add(job)
                cancel = Invoke(name="cancel", options={"id": job})
                task = asyncio.ensure_future(receive(inbound(cancel)))
                cancels.add(task)
                task.add_done_callback(cancels.discard)

        if not self._lines.is_typed:
            yield
            return
        loop.add_signal_handler(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    def _stop_waiting(self) -> None:
        """Ctrl-C a second time: whatever holds the job up, the person goes on."""
        self._drawing.clear()
        self._close_bar()
        self._all_drawn.set()

    def fetch(self, attachment: Attachment, most_bytes: int) -> AsyncIterator[bytes]:
        """Nothing can be attached to a line of text."""
        raise CannotPost(f"{attachment.name}: the console takes no attachments", final=True)

    async def direct(self, person: PersonId) -> str | None:
        """The terminal is private already."""
        return None

    # --- send -------------------------------------------------------------------------------

    async def post(self, address: str, outbound: Outbound, *, nonce: str) -> str:
        """Show it and return a new id."""
        await self._show(outbound)
        return uuid.uuid4().hex

    async def edit(self, address: str, message_id: str, outbound: Outbound) -> None:
        """What scrolled by can't change: a bar moves on, anything else is shown below."""
        await self._show(outbound)

    async def _show(self, outbound: Outbound) -> None:
        if outbound.job is not None and outbound.progress is not None:
            self._drawing.add(outbound.job)
            self._all_drawn.clear()
            self._move_bar(outbound)
            return
        self._close_bar()
        files = await asyncio.to_thread(write_files, outbound, self._folder)
        self._screen.print(shown.message(outbound, files, self._screen))
        if outbound.buttons:
            self._buttons = outbound.buttons
        if outbound.job is not None:
            self._drawing.discard(outbound.job)
        if not self._drawing:
            self._all_drawn.set()

    def _move_bar(self, outbound: Outbound) -> None:
        if not self._screen.is_terminal:
            if not outbound.progress:
                self._say(outbound.text)
            return
        if self._bar is None:
            self._bar = Live(console=self._screen, transient=True, refresh_per_second=20)
            self._bar.start()
        self._bar.update(shown.progress(outbound, self._screen))

    def _close_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def write_files(outbound: Outbound, folder: Path) -> tuple[Path, ...]:
    """Write pictures and files; only the last part of a name counts, so none leaves the folder."""
    named = [(image.name, image.png) for image in outbound.images]
    named += [(file.name, file.data) for file in outbound.files]
    if not named:
        return ()
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, data in named:
        path = folder / Path(name).name
        part = path.with_suffix(f"{path.suffix}.part")
        part.write_bytes(data)
        part.replace(path)
        written.append(path)
    return tuple(written)


def make(settings: Settings, house: House) -> ConsolePlatform:
    """The console on this process's own terminal."""
    folder = settings.engine.data_dir / "pictures"
    return ConsolePlatform(Screen(highlight=False), from_stream(), folder)


CONSOLE = Maker(title="a conversation in this terminal", make=make)
