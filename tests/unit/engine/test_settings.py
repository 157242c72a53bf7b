"""The engine's settings: usable with nothing set, wrong values refused, secrets kept."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from engine.settings import (
    BlobSettings,
    DatabaseSettings,
    EngineSettings,
    LimitSettings,
    QueueSettings,
    WorkerSettings,
)


def test_defaults_keep_everything_in_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    settings = EngineSettings()
    assert settings.data_dir == tmp_path / "atelier"
    assert settings.blobs_dir == tmp_path / "atelier" / "blobs"
    url = settings.database_url.get_secret_value()
    assert url == f"sqlite+aiosqlite:///{tmp_path}/atelier/atelier.db"


def test_data_folder_is_in_the_home_without_xdg(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert EngineSettings().data_dir == tmp_path / ".local" / "share" / "atelier"


def test_paths_are_whole_whatever_folder_we_start_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = EngineSettings(data_dir=Path("here"), blobs=BlobSettings(dir=Path("~/pictures")))
    assert settings.data_dir == tmp_path / "here"
    assert settings.blobs_dir == Path.home() / "pictures"


def test_one_setting_moves_to_postgresql() -> None:
    url = SecretStr("postgresql+asyncpg://atelier:hush@db/atelier")
    settings = EngineSettings(database=DatabaseSettings(url=url))
    assert settings.database_url.get_secret_value() == url.get_secret_value()


def test_password_of_the_database_is_never_shown() -> None:
    url = SecretStr("postgresql+asyncpg://atelier:hush@db/atelier")
    settings = EngineSettings(database=DatabaseSettings(url=url))
    assert "hush" not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite", "postgresql"])
def test_the_driver_may_be_left_out(scheme: str) -> None:
    url = f"{scheme}:///atelier"
    settings = EngineSettings(database=DatabaseSettings(url=SecretStr(url)))
    assert settings.database_url.get_secret_value() == url


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "mysql", "postgres"])
def test_a_database_we_cannot_use_is_refused_without_its_address(scheme: str) -> None:
    with pytest.raises(
        ValidationError, match=r"must start with .*postgresql\+asyncpg://"
    ) as refusal:
        DatabaseSettings(url=SecretStr(f"{scheme}://atelier:hush@db/atelier"))
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize("words", ["cuda:0, cuda:1", ["cuda:0", "cuda:1"], ("cuda:0", "cuda:1")])
def test_devices_are_words_with_commas_or_a_list(words: object) -> None:
    settings = WorkerSettings.model_validate({"devices": words})
    assert settings.devices == ("cuda:0", "cuda:1")


def test_no_device_at_all_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1"):
        WorkerSettings.model_validate({"devices": " , "})


def test_a_worker_is_not_called_hung_between_two_beats() -> None:
    with pytest.raises(ValidationError, match="hang_s must be longer than beat_s"):
        WorkerSettings(beat_s=5, hang_s=2)


def test_pauses_between_restarts_do_not_shrink() -> None:
    with pytest.raises(ValidationError, match="backoff_max_s must be at least"):
        WorkerSettings(backoff_first_s=10, backoff_max_s=1)


@pytest.mark.parametrize("section", [QueueSettings, LimitSettings, BlobSettings])
def test_an_unknown_name_is_refused(section: type[QueueSettings]) -> None:
    with pytest.raises(ValidationError, match="not permitted"):
        section.model_validate({"no_such_setting": 1})


def test_settings_cannot_be_changed_later() -> None:
    settings = EngineSettings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.default_base = "other"  # type: ignore[misc]
