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


def test_a_folder_stands_for_the_files_in_it(tmp_path: Path) -> None:
    names = ["b.safetensors", "a.pt", "deep/c.CKPT", "notes.txt", "preview.png"]
    (tmp_path / "deep").mkdir()
    for name in names:
        (tmp_path / name).write_bytes(b"\x80\x04nothing")
    done = CliRunner().invoke(app, [str(tmp_path), "--json"])
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(line["file"]).name for line in lines] == ["a.pt", "b.safetensors", "c.CKPT"]


def test_a_line_has_the_fields_that_others_read_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"")
    done = CliRunner().invoke(app, [str(tmp_path), "--json"])
    assert list(json.loads(done.stdout)) == [
        "file", "verdict", "is_lora", "base", "alternatives", "sub_family", "format", "algorithm",
        "kind", "rank", "alpha", "triggers", "recommended_weight", "modules", "sha256", "problems",
    ]  # fmt: skip


def test_many_files_come_in_their_order(tmp_path: Path) -> None:
    files = [str(tmp_path / f"{number}.safetensors") for number in range(60, 0, -1)]
    done = CliRunner().invoke(app, [*files, "--json"])
    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == files
