"""What a host can set about the engine: a frozen tree, checked at once, without reading anything.

`bot/settings.py` reads it from the environment and a file; `deploy/atelier.example.toml` explains
every line.
"""

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    model_validator,
)

MIB = 1024 * 1024
_DATABASE = re.compile(r"(sqlite(\+aiosqlite)?|postgresql(\+asyncpg)?)://.")


def _split(value: object) -> object:
    """The environment holds words with commas between them; a file holds a list."""
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return value


def _whole_path(path: Path) -> Path:
    return path.expanduser().absolute()


def _known_database(url: SecretStr) -> SecretStr:
    """The message never holds the address: it may hold a password."""
    if not _DATABASE.match(url.get_secret_value()):
        raise ValueError("must start with sqlite+aiosqlite:/// or postgresql+asyncpg://")
    return url


def _data_home() -> Path:
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return _whole_path(Path(home) / "atelier")


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Folder = Annotated[Path, AfterValidator(_whole_path)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_known_database)]


class Section(BaseModel):
    """Base of every group of settings: frozen, exact, quiet about its input."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )


class DatabaseSettings(Section):
    """Where the one truth is kept."""

    url: DatabaseUrl | None = None
    """None: a SQLite file in the data folder."""
    busy_timeout_s: PositiveFloat = 5
    pool_size: PositiveInt = 5


class BlobSettings(Section):
    """Where pictures and LoRA files are kept, by their hash."""

    dir: Folder | None = None
    """None: a folder of the data folder."""
    max_bytes: PositiveInt = 2048 * MIB
    orphan_age_s: PositiveFloat = 3600
    """A blob that no row names is deleted when it is older than this."""


class WorkerSettings(Section):
    """The processes that draw, one for each device."""

    devices: Words = Field(default=("auto",), min_length=1)
    """`auto` is every CUDA device, else Apple's GPU, else one worker on the CPU."""
    beat_s: PositiveFloat = 1.0
    hang_s: PositiveFloat = 120
    """A worker that reports nothing for so long is ended and replaced."""
    start_timeout_s: PositiveFloat = 180
    stop_grace_s: float = Field(default=20, ge=0)
    backoff_first_s: PositiveFloat = 0.5
    backoff_max_s: PositiveFloat = 30
    preview_every: int = Field(default=4, ge=0)
    """Steps between two previews; 0 sends none."""
    threads: int = Field(default=0, ge=0)
    """Threads of a worker on the CPU; 0 lets torch decide."""

    @model_validator(mode="after")
    def _times_in_order(self) -> "WorkerSettings":
        if self.hang_s <= self.beat_s:
            raise ValueError("hang_s must be longer than beat_s")
        if self.backoff_max_s < self.backoff_first_s:
            raise ValueError("backoff_max_s must be at least backoff_first_s")
        return self


class QueueSettings(Section):
    """Who may wait, for how long, and who goes first."""

    max_waiting_per_person: PositiveInt = 8
    max_waiting_per_space: PositiveInt = 100
    max_waiting: PositiveInt = 1000
    lease_s: PositiveFloat = 15
    max_attempts: PositiveInt = 3
    affinity_places: int = Field(default=4, ge=0)
    """How many places a job may move up because a worker already holds what it needs."""
    ageing_s: PositiveFloat = 300
    """After so long a job is treated as one class more urgent."""


class LimitSettings(Section):
    """The most that one request may ask for."""

    max_count: PositiveInt = 4
    max_steps: PositiveInt = 80
    max_pixels: PositiveInt = 2_359_296
    """Width times height of one picture: 1536 x 1536."""
    max_prompt_chars: PositiveInt = 4000


class EngineSettings(Section):
    """Everything the engine is told; the defaults need nothing installed."""

    data_dir: Folder = Field(default_factory=_data_home)
    default_base: str = Field(default="miniature", min_length=1)
    database: DatabaseSettings = DatabaseSettings()
    blobs: BlobSettings = BlobSettings()
    workers: WorkerSettings = WorkerSettings()
    queue: QueueSettings = QueueSettings()
    limits: LimitSettings = LimitSettings()

    @property
    def database_url(self) -> SecretStr:
        """The address in force, secret because it may hold a password."""
        if self.database.url is not None:
            return self.database.url
        return SecretStr(f"sqlite+aiosqlite:///{self.data_dir / 'atelier.db'}")

    @property
    def blobs_dir(self) -> Path:
        """The folder in force."""
        return self.blobs.dir or self.data_dir / "blobs"
