"""How findings are gathered and told."""

import asyncio
import io
import json

from rich.console import Console

from bot.doctor import Finding, as_json, examine, exit_code, show, show_settings
from bot.settings import SettingLine

WELL = Finding("Python", "ok", "3.11")
SLOW = Finding("devices", "warn", "no GPU", "get one")
BROKEN = Finding("database", "bad", "no [file] there", "make one")


async def well() -> Finding:
    return WELL


async def crashes() -> Finding:
    raise RuntimeError("postgresql://atelier:hush@db")


async def hangs() -> Finding:
    await asyncio.Event().wait()
    return WELL


def shown(*findings: Finding) -> str:
    out = io.StringIO()
    show(findings, Console(file=out, width=100))
    return out.getvalue()


def test_a_link_can_be_copied_however_narrow_the_screen_is() -> None:
    link = f"https://example.org/{'a' * 150}&permissions=8"
    assert f"Discord: {link}\n" in shown(Finding("Discord", "ok", f"well; invite: {link}"))


async def test_findings_come_in_the_order_of_the_examinations() -> None:
    async def later() -> Finding:
        await asyncio.sleep(0)
        return SLOW

    assert await examine({"a": later, "b": well}) == (SLOW, WELL)


async def test_one_that_breaks_does_not_hide_the_others() -> None:
    first, second = await examine({"database": crashes, "Python": well})
    assert (first.name, first.verdict) == ("database", "bad")
    assert "RuntimeError" in first.detail
    assert "hush" not in str(first)
    assert second == WELL


async def test_one_that_hangs_is_bad() -> None:
    first, second = await examine({"worker": hangs, "Python": well}, timeout_s=0.01)
    assert first == Finding("worker", "bad", "no answer in 0.01 s", "look at the log of the bot")
    assert second == WELL


def test_only_bad_findings_fail_a_script() -> None:
    assert exit_code([WELL, SLOW]) == 0
    assert exit_code([WELL, BROKEN]) == 1


def test_people_see_each_cure_and_how_many_there_are() -> None:
    text = shown(WELL, SLOW, BROKEN)
    assert "get one" in text
    assert "no [file] there" in text
    assert "1 to repair." in text


def test_people_are_told_when_all_is_well() -> None:
    assert "Nothing to repair." in shown(WELL, SLOW)


def test_programs_get_findings_and_settings() -> None:
    told = json.loads(as_json([BROKEN], [SettingLine("http.port", "8765", "default")]))
    assert told["well"] is False
    assert told["findings"] == [
        {"name": "database", "verdict": "bad", "detail": "no [file] there", "cure": "make one"}
    ]
    assert told["settings"] == [{"key": "http.port", "value": "8765", "source": "default"}]


def test_settings_are_told_with_their_source() -> None:
    out = io.StringIO()
    show_settings([SettingLine("http.port", "1", "[x].toml")], Console(file=out, width=100))
    assert "http.port" in out.getvalue()
    assert "[x].toml" in out.getvalue()
