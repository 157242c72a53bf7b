"""`atelier inspect`: files told, never refused as errors."""

import json
from pathlib import Path

from typer.testing import CliRunner

from bot.cli.inspect import app


def test_what_is_no_lora_is_told_and_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "style.safetensors"
    file.write_bytes(b"\x80\x04not a safetensors file")
    done = CliRunner().invoke(app, [str(file), str(tmp_path / "missing"), "--json"])
    assert done.exit_code == 0, done.output
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["file"] == str(file)
    assert (first["verdict"], second["verdict"]) == ("reject", "reject")
    assert first["problems"]


def test_people_see_the_verdict_first(tmp_path: Path) -> None:
    file = tmp_path / "style.safetensors"
    file.write_bytes(b"nothing")
    assert CliRunner().invoke(app, [str(file)]).stdout.startswith("reject")
