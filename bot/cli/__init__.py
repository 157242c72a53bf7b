"""The host's command line, one file a command. Add one: a file here and a row below."""

import typer

from engine.registration import Table

CLI: Table[typer.Typer] = Table(
    "command line",
    typer.Typer,
    {
        "run": "bot.cli.run:app",
        "demo": "bot.cli.demo:app",
        "web": "bot.cli.web:app",
        "draw": "bot.cli.draw:app",
        "plan": "bot.cli.plan:app",
        "inspect": "bot.cli.inspect:app",
        "lora": "bot.cli.lora:app",
        "base": "bot.cli.base:app",
        "worker": "bot.cli.worker:app",
        "doctor": "bot.cli.doctor:app",
        "db": "bot.cli.db:app",
        "bench": "bot.cli.bench:app",
    },
)
