"""`atelier doctor`: what was looked at, what is wrong, and the cure of it in words.

`bot/examinations.py` holds what is looked at; here it is run and told.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.settings import SettingLine

Verdict = Literal["ok", "warn", "bad"]
COLOURS: Mapping[Verdict, str] = {"ok": "green", "warn": "yellow", "bad": "bold red"}
LINK = re.compile(r"https://[^\s;,]+")
LONGEST_S = 240.0
"""More than a slow worker takes to come up."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; anything but `ok` comes with its cure."""

    name: str
    verdict: Verdict
    detail: str
    cure: str = ""


Examination = Callable[[], Awaitable[Finding]]


async def examine(
    examinations: Mapping[str, Examination], timeout_s: float = LONGEST_S
) -> tuple[Finding, ...]:
    """Look at everything at once; an examination that breaks is a finding, not an end."""
    answers = await asyncio.gather(
        *(asyncio.wait_for(look(), timeout_s) for look in examinations.values()),
        return_exceptions=True,
    )
    findings = []
    for name, answer in zip(examinations, answers, strict=True):
        if isinstance(answer, Exception):
            findings.append(_broken(name, answer, timeout_s))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            findings.append(answer)
    return tuple(findings)


def _broken(name: str, error: Exception, timeout_s: float) -> Finding:
    if isinstance(error, TimeoutError):
        return Finding(name, "bad", f"no answer in {timeout_s:g} s", "look at the log of the bot")
    what = f"could not be looked at: {type(error).__name__}"
    return Finding(name, "bad", what, "this is a fault of Atelier: please report it")


def exit_code(findings: Iterable[Finding]) -> int:
    """1 when something is bad: for scripts."""
    return int(any(finding.verdict == "bad" for finding in findings))


def as_json(findings: Iterable[Finding], settings: Iterable[SettingLine]) -> str:
    """The same for programs."""
    findings = tuple(findings)
    told = {
        "well": exit_code(findings) == 0,
        "findings": [asdict(finding) for finding in findings],
        "settings": [asdict(line) for line in settings],
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def show(findings: Iterable[Finding], console: Console) -> None:
    """The same for people: a table, the cures beside what they cure."""
    table = Table("", "Looked at", "Found", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    findings = tuple(findings)
    for finding in findings:
        # Text, not markup: a path may hold brackets.
        found = Text(finding.detail, overflow="fold")
        if finding.cure:
            found.append(f"\n{finding.cure}", style="cyan")
        table.add_row(Text(finding.verdict, COLOURS[finding.verdict]), Text(finding.name), found)
    console.print(table)
    console.print()
    for finding in findings:
        # A link in a narrow table is in pieces; here it can be copied.
        for link in LINK.findall(finding.detail):
            console.print(Text(f"{finding.name}: {link}"), soft_wrap=True)
    bad = sum(finding.verdict == "bad" for finding in findings)
    console.print(f"{bad} to repair." if bad else "Nothing to repair.", highlight=False)


def show_settings(lines: Iterable[SettingLine], console: Console) -> None:
    """Every setting in force and where it came from."""
    table = Table("Setting", "Value", "From", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for line in lines:
        table.add_row(
            *(Text(cell, overflow="fold") for cell in (line.key, line.value, line.source))
        )
    console.print(table)
