"""Reading the settings: which source wins, what is refused and how it is told."""

import re
import tomllib
from pathlib import Path

import pytest

from bot.errors import BadSettings
from bot.settings import HIDDEN, Settings, effective, env_name, load

EXAMPLE = Path(__file__).parents[3] / "deploy" / "atelier.example.toml"
SECRET_URL = "postgresql+asyncpg://atelier:hush@db/atelier"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "atelier.toml"
    path.write_text('[http]\nport = 1111\nhost = "127.0.0.2"\n')
    return path


def problems(**overrides: object) -> str:
    with pytest.raises(BadSettings) as refusal:
        load(**overrides)  # type: ignore[arg-type]
    return "\n".join(refusal.value.problems)


def source_of(settings: Settings, key: str) -> str:
    return next(line.source for line in effective(settings) if line.key == key)


def test_nothing_set_is_enough() -> None:
    settings = load()
    assert settings.http.port == 8765
    assert settings.engine.default_base == "miniature"
    assert {line.source for line in effective(settings)} == {"default"}


def test_strongest_source_wins(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(config).http.port == 1111
    monkeypatch.setenv("ATELIER_HTTP__PORT", "2222")
    assert load(config).http.port == 2222
    settings = load(config, **{"http.port": 3333})
    assert settings.http.port == 3333
    assert settings.http.host == "127.0.0.2"
    assert source_of(settings, "http.port") == "command line"
    assert source_of(settings, "http.host") == str(config)
    assert source_of(settings, "log.level") == "default"


def test_file_can_be_named_by_the_environment(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATELIER_CONFIG", str(config))
    assert load().http.port == 1111


def test_option_that_was_not_given_changes_nothing(config: Path) -> None:
    assert load(config, http={"port": None}, log=None).http.port == 1111


def test_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_HTTP__PORT", "")
    assert load().http.port == 8765


def test_lists_in_the_environment_have_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_ENGINE__WORKERS__DEVICES", "cuda:0,cuda:1")
    monkeypatch.setenv("ATELIER_PLATFORMS", "web, console")
    settings = load()
    assert settings.engine.workers.devices == ("cuda:0", "cuda:1")
    assert settings.platforms == ("web", "console")


def test_bad_value_is_told_with_key_source_and_what_is_valid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATELIER_HTTP__PORT", "99999")
    told = problems()
    assert "http.port = '99999'" in told
    assert "ATELIER_HTTP__PORT" in told
    assert "65535" in told


def test_bad_value_in_the_file_names_the_file(config: Path) -> None:
    config.write_text('[log]\nlevel = "LOUD"\n')
    with pytest.raises(BadSettings) as refusal:
        load(config)
    told = str(refusal.value)
    assert "log.level = 'LOUD'" in told
    assert str(config) in told
    assert "'WARNING'" in told


def test_all_problems_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_HTTP__PORT", "none")
    monkeypatch.setenv("ATELIER_LOG__LEVLE", "INFO")
    told = problems(engine={"queue": {"lease_s": -1}})
    assert "http.port" in told
    assert "ATELIER_LOG__LEVLE" in told
    assert "engine.queue.lease_s" in told


def test_misspelt_variable_is_refused_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATELIER_HTTP__PROT", "9000")
    told = problems()
    assert "ATELIER_HTTP__PROT: no such setting" in told
    assert "did you mean ATELIER_HTTP__PORT?" in told
    assert told.count("PROT") == 1


def test_variable_for_a_whole_section_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_HTTP", "{}")
    monkeypatch.setenv("ATELIER_HTTP__PORT", "9000")
    assert "ATELIER_HTTP: no such setting" in problems()


def test_misspelt_key_in_the_file_is_refused_with_the_nearest_name(config: Path) -> None:
    config.write_text("[engine.queue]\nmax_wating = 5\n")
    with pytest.raises(BadSettings, match=r"did you mean engine\.queue\.max_waiting\?"):
        load(config)


def test_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"absent\.toml can't be read: No such file"):
        load(tmp_path / "absent.toml")


def test_broken_file_is_told_with_its_line(config: Path) -> None:
    config.write_text("[http\n")
    with pytest.raises(BadSettings, match=r"not valid TOML: .*line 1"):
        load(config)


@pytest.mark.parametrize("url", [SECRET_URL, "mysql://atelier:hush@db/atelier"])
def test_secret_is_shown_nowhere(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_ENGINE__DATABASE__URL", url)
    try:
        settings = load()
    except BadSettings as refusal:
        shown = f"{refusal} {refusal!r} {refusal.facts}"
    else:
        lines = {line.key: line.value for line in effective(settings)}
        assert lines["engine.database.url"] == HIDDEN
        shown = f"{settings} {settings!r} {settings.model_dump_json()} {lines}"
    assert "hush" not in shown


def test_secret_under_a_wrong_name_is_not_repeated(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('[engine.databse]\nurl = "hush-file"\n')
    monkeypatch.setenv("ATELIER_DISCORD__TOKEN", "hush-variable")
    with pytest.raises(BadSettings) as refusal:
        load(config)
    assert "engine.databse" in str(refusal.value)
    assert "ATELIER_DISCORD__TOKEN" in str(refusal.value)
    assert "hush" not in str(refusal.value)


def test_example_file_explains_every_setting_with_its_default() -> None:
    lines = EXAMPLE.read_text().splitlines()
    live = "\n".join(re.sub(r"^#(\w+ = )", r"\1", line) for line in lines)
    settings = Settings.model_validate(tomllib.loads(live))
    example, default = effective(settings), effective(Settings())
    set_in_example = {line.split(" = ")[0] for line in live.splitlines() if " = " in line}
    assert {line.key.rsplit(".")[-1] for line in default} <= set_in_example
    depends_on_the_machine = {
        "engine.data_dir",
        "engine.database.url",
        "engine.blobs.dir",
        "engine.registry.drop_dir",
    }
    assert [line for line in example if line.key not in depends_on_the_machine] == [
        line for line in default if line.key not in depends_on_the_machine
    ]


def test_example_file_as_it_is_changes_nothing() -> None:
    assert load(EXAMPLE) == Settings()


def test_variable_of_a_key() -> None:
    assert env_name("engine.database.url") == "ATELIER_ENGINE__DATABASE__URL"
