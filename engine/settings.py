"""What a host can set about the engine: a frozen tree, checked at once, without reading anything.

`bot/settings.py` reads it from the environment and a file; `deploy/atelier.example.toml` explains
every line.
"""

import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

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
    most_rows: int = Field(default=8, ge=1, le=64)
    """Pictures that a worker draws at once, whoever asked for them; 1 draws one after another."""
    compile: bool = False
    """Whether torch compiles denoisers: faster steps, but minutes for each new size before them."""
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


class DirectorSettings(Section):
    """Who reads the words: rules alone, or a language model with the rules behind it."""

    reader: Literal["rules", "language-model"] = "rules"
    provider: Literal["openai", "anthropic"] = "openai"
    """`openai` is any endpoint that speaks its protocol, a local server too."""
    endpoint: str = ""
    """Address of the server; empty is the provider's own."""
    language_model: str = ""
    """Its name there."""
    api_key: SecretStr = SecretStr("")
    answer_form: Literal["tool", "schema", "prompt"] = "tool"
    """How the form is asked for; a server without tool calls needs `schema` or `prompt`."""
    sees_pictures: bool = False
    """Whether the language model can look at pictures: those shown with the words go to it."""
    timeout_s: PositiveFloat = 12
    retries: int = Field(default=1, ge=0, le=5)
    """Tries more, when an answer doesn't keep to its form."""
    token_budget: int = Field(default=128_000, ge=4_000)
    """Most that is sent; older turns are shortened, then left out."""
    max_calls_per_hour: PositiveInt = 300
    """Of each server or chat; beyond it rules read."""
    max_tokens_per_day: PositiveInt = 3_000_000
    breaker_failures: PositiveInt = 3
    breaker_pause_s: PositiveFloat = 60
    embeddings: bool = False
    """Whether searches also go by meaning; needs sentence-transformers."""
    embedding_model: str = "all-MiniLM-L6-v2"
    """Its name or folder, as sentence-transformers takes it."""
    talk_expires_s: PositiveFloat = 86400
    """Turns older than this are no context any more: "again" then means nothing."""

    @model_validator(mode="after")
    def _names_a_language_model(self) -> "DirectorSettings":
        if self.reader == "language-model" and not self.language_model:
            raise ValueError("reader = language-model needs language_model")
        if self.sees_pictures and self.reader != "language-model":
            raise ValueError("sees_pictures needs reader = language-model: rules can't see")
        if self.embeddings and find_spec("sentence_transformers") is None:
            raise ValueError(
                "embeddings needs sentence-transformers: `pip install sentence-transformers` in "
                "Atelier's environment, or leave embeddings off"
            )
        return self


class RegistrySettings(Section):
    """How LoRA files come in."""

    max_bytes: PositiveInt = 2048 * MIB
    """The largest LoRA file taken in by any road."""
    chat_max_bytes: PositiveInt = 64 * MIB
    """The largest one taken from a chat message, which is held in memory; others get a link."""
    max_open_per_person: PositiveInt = 5
    """Files of one person in one place that are not decided yet."""
    upload_link_s: PositiveFloat = 3600
    """How long a one-time upload link works."""
    preview_timeout_s: PositiveFloat = 3600
    """After so long a file waits for its moderator without the pictures that are missing."""
    rejected_kept_days: PositiveFloat = 7
    """A rejected file can be taken back for so long; then it is deleted."""
    drop_dir: Folder | None = None
    """A folder watched for files, one folder in it for each place; None watches none."""
    link_hosts: Words = ("civitai.com", "huggingface.co")
    """Sites that a LoRA may be fetched from; what they redirect to is in `link_file_hosts`."""
    link_file_hosts: Words = (
        "*.civitai.com", "*.civitai.red", "*.r2.cloudflarestorage.com", "*.backblazeb2.com",
        "*.huggingface.co", "*.hf.co",
    )  # fmt: skip
    link_timeout_s: PositiveFloat = 1800
    """How long one download may take."""
    civitai_key: SecretStr = SecretStr("")
    huggingface_key: SecretStr = SecretStr("")


class EngineSettings(Section):
    """Everything the engine is told; the defaults need nothing installed."""

    data_dir: Folder = Field(default_factory=_data_home)
    default_base: str = Field(default="miniature", min_length=1)
    database: DatabaseSettings = DatabaseSettings()
    blobs: BlobSettings = BlobSettings()
    workers: WorkerSettings = WorkerSettings()
    queue: QueueSettings = QueueSettings()
    limits: LimitSettings = LimitSettings()
    director: DirectorSettings = DirectorSettings()
    registry: RegistrySettings = RegistrySettings()

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
