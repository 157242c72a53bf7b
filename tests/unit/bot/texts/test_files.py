"""The files of translations: one that can't be read must keep nobody from an answer."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import texts
from bot.texts import say, speaking


def test_a_broken_file_is_english_and_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "de.toml").write_text('a = "x"\n[a]\nb = "y"\n')
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    texts.translations.cache_clear()
    try:
        with speaking("de"), capture_logs() as logs:
            assert say("a", "Hello") == "Hello"
            assert say("a", "Hello") == "Hello"
        assert [(line["event"], line["locale"]) for line in logs] == [("texts.not_read", "de")]
    finally:
        texts.translations.cache_clear()
