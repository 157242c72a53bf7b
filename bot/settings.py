"""The settings of the bot process: one frozen tree, read once, by `bot/__main__.py` only.

From the strongest source to the weakest: the command line, the environment (`ATELIER_HTTP__PORT`),
a TOML file (`--config` or `ATELIER_CONFIG`), the defaults. A name that means nothing is refused in
every one of them, and no message holds a secret.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from pydantic import BaseModel, Field, PositiveInt, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from rapidfuzz import process

from bot.errors import BadSettings
from engine.settings import MIB, EngineSettings, Section, Words

PREFIX = "ATELIER_"
CONFIG = f"{PREFIX}CONFIG"
DEFAULT = "default"
HIDDEN = "********"

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
Values = Mapping[str, object]
"""Nested as in the file, a section within a section."""


class HttpSettings(Section):
    """The local web server: health, metrics, the chat page."""

    enabled: bool = True
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8765, ge=0, le=65535)
    """0 takes any free port."""


class WebSettings(Section):
    """The chat page on the web server."""

    channels: Words = ("Lobby",)
    """Places that everyone who is signed in sees."""
    public_url: str = Field(default="", pattern=r"^(https?://[^/\s]+)?$")
    """Where people reach the page through a proxy; then everyone signs in by a link."""
    session_days: PositiveInt = 30
    upload_max_bytes: PositiveInt = 20 * MIB
    upload_max_pixels: PositiveInt = 25_000_000
    """Width times height of a picture that somebody sends."""


class DiscordSettings(Section):
    """The bot on Discord, beside its token."""

    shards: int = Field(default=1, ge=0, le=1000)
    """0 asks Discord how many it wants; one is enough up to 2,500 servers."""


class TelegramSettings(Section):
    """The bot on Telegram, beside its token and addresses."""

    webhook_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    """Where Telegram reaches our web server, path included; empty: we ask Telegram (polling)."""
    webhook_secret: SecretStr = SecretStr("")
    """1 to 256 of A-Z a-z 0-9 _ -; comes with every update. Empty: made from the token."""
    local_server: bool = False
    """The Bot API server is our own, started with `--local`: files up to 2 GB, by their path."""
    stale_minutes: PositiveInt = 10
    """What was asked for longer ago while we were away is drawn only after a question."""


class LogSettings(Section):
    """What is told on standard error."""

    level: Level = "INFO"
    format: Literal["auto", "pretty", "json"] = "auto"
    """`auto` is pretty on a terminal and JSON elsewhere."""


class Settings(BaseSettings):
    """Everything the bot process is told. Constructing one reads nothing; `load` does."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        enable_decoding=False,
    )

    engine: EngineSettings = Field(default_factory=EngineSettings)
    http: HttpSettings = HttpSettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()
    platforms: Words = ()
    """Empty: whichever have a token, and the web page."""
    discord_token: SecretStr = SecretStr("")
    discord_api_base: str = Field(default="", pattern=r"^(https?://[^\s/?#]+[^\s?#]*)?$")
    """Where Discord's HTTP API is, version included; empty for Discord itself."""
    discord_gateway: str = Field(default="", pattern=r"^(wss?://[^\s/?#]+\S*)?$")
    """Where Discord's gateway is; empty for Discord itself."""
    discord: DiscordSettings = DiscordSettings()
    telegram_token: SecretStr = SecretStr("")
    telegram_base_url: str = Field(default="", pattern=r"^(https?://[^\s/?#]+\S*)?$")
    """Where the Bot API is, such as `http://127.0.0.1:8081/bot`; empty for Telegram itself."""
    telegram_base_file_url: str = Field(default="", pattern=r"^(https?://[^\s/?#]+\S*)?$")
    """Where its files are, such as `http://127.0.0.1:8081/file/bot`."""
    telegram: TelegramSettings = TelegramSettings()

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what the constructor is given: `load` hands it the sources, already in order."""
        return (init_settings,)


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting in force, fit to be shown."""

    key: str
    value: str
    source: str


def load(config: Path | None = None, **overrides: object) -> Settings:
    """Read and check everything.

    An override is named by its section (`http={"port": 1}`) or by its key (`**{"http.port": 1}`);
    None stands for "not given". Raises `BadSettings` naming every key that is wrong.
    """
    names = {key: env_name(key) for key, _ in _leaves(Settings)}
    path = config or (Path(os.environ[CONFIG]) if os.environ.get(CONFIG) else None)
    sources: dict[str, Values] = {
        "command line": _nest(overrides),
        "environment": cast(Values, EnvSettingsSource(Settings)()),  # typed loosely upstream
    }
    if path is not None:
        sources[str(path)] = _read_file(path)
    strangers = _strange_variables(set(names.values()))
    merged: dict[str, object] = {}
    for values in reversed(sources.values()):
        merged = _merge(merged, values)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise BadSettings(*strangers, *_explain(error, sources, list(names))) from None
    if strangers:
        raise BadSettings(*strangers)
    found = {key: _origin(key.split("."), sources) for key in names}
    settings._origins.update({key: name for key, name in found.items() if name != DEFAULT})
    return settings


def effective(settings: Settings) -> tuple[SettingLine, ...]:
    """Every setting in force with where it came from, secrets hidden: for `atelier doctor`."""
    lines = []
    for key, _ in _leaves(Settings):
        value: object = settings
        for part in key.split("."):
            value = getattr(value, part)
        lines.append(SettingLine(key, _show(value), settings._origins.get(key, DEFAULT)))
    return tuple(lines)


def env_name(key: str) -> str:
    """The variable of a key: `http.port` is set by ATELIER_HTTP__PORT."""
    return PREFIX + key.upper().replace(".", "__")


def _leaves(section: type[BaseModel], above: str = "") -> Iterator[tuple[str, object]]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _leaves(kind, f"{above}{name}.")
        else:
            yield f"{above}{name}", kind


def _show(value: object) -> str:
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value) or "none"
    return "automatic" if value is None else str(value)


# --- the sources ------------------------------------------------------------------------------


def _read_file(path: Path) -> Values:
    try:
        return tomllib.loads(path.expanduser().read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(f"{path} can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path} is not valid TOML: {error}") from error


def _nest(flat: Values) -> Values:
    nested: dict[str, object] = {}
    for key, value in flat.items():
        if value is None:
            continue
        inner = _nest(cast(Values, value)) if isinstance(value, Mapping) else value
        for part in reversed(key.split(".")):
            inner = {part: inner}
        nested = _merge(nested, cast(Values, inner))
    return nested


def _merge(weak: Values, strong: Values) -> dict[str, object]:
    merged = dict(weak)
    for key, value in strong.items():
        below = merged.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(cast(Values, below), cast(Values, value)) if both else value
    return merged


def _origin(parts: list[str], sources: Mapping[str, Values]) -> str:
    """The strongest source that holds the key."""
    for name, values in sources.items():
        here: object = values
        for part in parts:
            here = here.get(part) if isinstance(here, Mapping) else None
        if here is not None:
            return name
    return DEFAULT


# --- what is wrong with them ------------------------------------------------------------------


def _strange_variables(known: set[str]) -> tuple[str, ...]:
    """Our prefix with a name that no setting has: most often a slip of the pen."""
    ours = (name for name, value in os.environ.items() if name.upper().startswith(PREFIX) and value)
    return tuple(
        f"environment variable {name}: no such setting{_nearest(name.upper(), known)}"
        for name in sorted(ours)
        if name.upper() not in known | {CONFIG}
    )


def _nearest(name: str, known: set[str] | list[str]) -> str:
    best = process.extractOne(name, known, score_cutoff=60)
    return f"; did you mean {best[0]}?" if best else ""


def _explain(
    error: ValidationError, sources: Mapping[str, Values], known: list[str]
) -> Iterator[str]:
    secret = {key for key, kind in _leaves(Settings) if "Secret" in str(kind)}
    for problem in error.errors(include_url=False, include_context=False):
        key = ".".join(str(part) for part in problem["loc"] if not isinstance(part, int))
        source = _origin(key.split("."), sources)
        where = f"environment variable {env_name(key)}" if source == "environment" else source
        if problem["type"] == "extra_forbidden":
            if source == "environment":
                continue  # already named by its variable
            yield f"{key} ({where}): no such setting{_nearest(key, known)}"
            continue
        value = "" if key not in known or key in secret else f" = {problem['input']!r}"
        yield f"{key}{value} ({where}): {_plain(problem['msg'])}"


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should be", "must be")
