"""Buttons: a short verb and the id of a stored intent, in at most 64 bytes."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.messages import BUTTON_ID_BYTES, Button
from engine.api import Engine
from engine.errors import NotFound
from engine.messages import Intent, IntentId, Owner

Verb = Literal[
    "draw", "why", "edit", "cancel", "delete", "page", "look", "queue", "swap", "vet", "form",
    "original", "keep", "report", "rule",
]  # fmt: skip
Style = Literal["plain", "primary", "danger"]
_ID = re.compile(r"^(?P<verb>[a-z]{1,8}):(?P<intent>[^:\s]{1,48})(?::(?P<number>\d{1,4}))?$")


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button's id says."""

    verb: str
    intent: IntentId
    number: int = 0


async def make(
    engine: Engine,
    owner: Owner,
    verb: Verb,
    intent: Intent,
    label: str,
    *,
    style: Style = "plain",
    number: int = 0,
) -> Button:
    """Store the intent and make its button: it works after a restart, for ever."""
    stored = await engine.remember(owner, intent)
    id_ = f"{verb}:{stored}" + (f":{number}" if number else "")
    if len(id_.encode()) > BUTTON_ID_BYTES:
        raise ValueError(f"button id of {len(id_.encode())} bytes: {id_}")
    return Button(id=id_, label=label, style=style)


def read(button: str) -> Pressed:
    """Take a button's id apart; raises `NotFound` for what no button of ours carries."""
    found = _ID.match(button)
    if not found:
        raise NotFound(what="button", name=button[:BUTTON_ID_BYTES])
    return Pressed(found["verb"], IntentId(found["intent"]), int(found["number"] or 0))
