"""`atelier web link`: a link from the host's command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app


def call(folder: Path, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["--data-dir", str(folder), "web", "link", *words])
    return done.exit_code, done.stdout, done.stderr


def test_a_link_is_told_with_what_it_does(tmp_path: Path) -> None:
    code, told, _ = call(tmp_path, "Ada", "--level", "admin", "--json")
    assert code == 0
    link = json.loads(told)
    assert link["url"].startswith("http://127.0.0.1:8765/enter#")
    assert (link["name"], link["level"]) == ("Ada", "admin")
    assert link["person"].startswith("web:ada-")


def test_a_proxy_s_address_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_WEB__PUBLIC_URL", "https://pictures.example.org")
    _, told, _ = call(tmp_path, "Ada", "--json")
    assert json.loads(told)["url"].startswith("https://pictures.example.org/enter#")


def test_a_level_that_is_none_names_those_there_are(tmp_path: Path) -> None:
    code, _, told = call(tmp_path, "Ada", "--level", "king")
    assert code == 2
    assert "moderator" in told
