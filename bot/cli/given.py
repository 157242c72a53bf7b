"""What a call of the command line was given: its settings, and how loud its log is."""

from pathlib import Path
from typing import cast

import typer

from bot import logs
from bot.settings import Settings, load


def settings_of(context: typer.Context, **overrides: object) -> Settings:
    """The settings of this call: `--config`, `--data-dir`, environment, defaults.

    Raises `BadSettings`. `bot.__main__` puts the two options into the context.
    """
    given = cast("dict[str, Path | None]", context.obj or {})  # typer keeps it untyped
    data_dir = given.get("data_dir")
    return load(given.get("config"), **{"engine.data_dir": data_dir, **overrides})


def quiet(settings: Settings) -> Settings:
    """Logs of a command that a person watches: only what is worth a warning."""
    level = "WARNING" if settings.log.level == "INFO" else settings.log.level
    quieter = settings.log.model_copy(update={"level": level})
    logs.configure(quieter, secrets=secrets_of(settings))
    return settings.model_copy(update={"log": quieter})


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """What no line of a log may hold."""
    kept = (settings.discord_token, settings.telegram_token, settings.telegram.webhook_secret)
    return tuple(each.get_secret_value() for each in kept)
