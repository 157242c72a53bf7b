"""An Outbound as something rich can show: nothing in it is ever read as markup."""

from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bot.console.half_blocks import half_blocks
from bot.messages import Button, Image, Line, Outbound

MOST_PICTURE_ROWS = 32
PREVIEW_ROWS = 10
ROWS_FOR_TEXT = 9
BAR_COLUMNS = 40
COLOURS = ("truecolor", "256")
STYLES = {"primary": "bold green", "danger": "red", "plain": "cyan"}


def message(outbound: Outbound, files: tuple[Path, ...], screen: Console) -> RenderableType:
    """The whole message: pictures, title, text, lines, where files are, numbered buttons."""
    parts: list[RenderableType] = [picture(image, screen) for image in outbound.images]
    if outbound.title:
        parts.append(Text(outbound.title, style="bold"))
    if outbound.text:
        parts.append(_text(outbound))
    if outbound.lines:
        parts.append(lines(outbound.lines))
    parts += [Text(str(file), style="underline dim", overflow="fold") for file in files]
    if outbound.buttons:
        parts.append(buttons(outbound.buttons))
    return Padding(Group(*parts), (0, 0, 1, 2))


def picture(image: Image, screen: Console) -> RenderableType:
    """The picture in half blocks where the terminal has colours; else its name stands for it."""
    if not (screen.is_terminal and screen.color_system in COLOURS):
        return Text(f"[picture {image.name}]", style="dim")
    rows = max(8, min(MOST_PICTURE_ROWS, screen.height - ROWS_FOR_TEXT))
    return half_blocks(image.png, screen.width - 4, rows)


def lines(named: tuple[Line, ...]) -> Table:
    """Named lines in two columns."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", max_width=24, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    for line in named:
        table.add_row(Text(line.name), Text(line.value))
    return table


def buttons(row: tuple[Button, ...]) -> Text:
    """`[1] again  [2] vary`: typing the number presses it."""
    text = Text()
    for number, button in enumerate(row, start=1):
        style = STYLES[button.style]
        text.append(f"[{number}] ", "dim").append(button.label, style).append("  ")
    text.rstrip()
    return text


def progress(outbound: Outbound, screen: Console) -> RenderableType:
    """The bar with what is happening, under a small preview when there is one."""
    bar = Table.grid(padding=(0, 1))
    done = outbound.progress or 0.0
    bar.add_row(
        ProgressBar(total=1.0, completed=done, width=BAR_COLUMNS),
        Text(f"{done:4.0%}", style="cyan"),
        Text(outbound.text, style="dim"),
    )
    parts: list[RenderableType] = []
    if outbound.preview and screen.color_system in COLOURS:
        parts.append(half_blocks(outbound.preview, PREVIEW_ROWS * 2, PREVIEW_ROWS))
    hint = Text("Ctrl-C cancels", style="dim italic")
    return Padding(Group(*parts, bar, hint), (0, 0, 0, 2))


def _text(outbound: Outbound) -> Text:
    """The first line as it is; on a picture the facts below it are quieter."""
    if not outbound.images:
        return Text(outbound.text, overflow="fold")
    first, _, rest = outbound.text.partition("\n")
    text = Text(first, style="bold", overflow="fold")
    return text.append(f"\n{rest}", "not bold dim") if rest else text
