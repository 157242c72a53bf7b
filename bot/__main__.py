"""The command line `atelier`: a command of `bot/cli` is imported when it is used."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.cli import CLI

OVERVIEW = """Pictures for a community, from plain words.

[bold]Start here[/bold]

  atelier demo

  atelier draw "a red circle on a blue background" --out circle.png

  atelier run
"""


class Commands(TyperGroup):
    """The rows of `bot.cli.CLI`; one is imported only when it is asked for or listed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names, in the order of the table."""
        return list(CLI)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a row, None when there is no such row."""
        if cmd_name not in CLI:
            return None
        command = typer.main.get_command(CLI.get(cmd_name))
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=Commands,
    help=OVERVIEW,
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_show_locals=False,
    add_completion=False,
)


@app.callback()
def given(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="TOML file with settings; see deploy/atelier.example.toml.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where database, pictures and LoRAs are kept.")
    ] = None,
) -> None:
    """Keep what holds for every command."""
    context.obj = {"config": config, "data_dir": data_dir}


def main() -> None:
    """The entry point of the installed `atelier`."""
    app(prog_name="atelier")


if __name__ == "__main__":
    main()
