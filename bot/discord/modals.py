"""Forms as Discord's modals: at most five fields, so small ones share a field, one a line."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.acts.editing import FormField
from bot.escape import plain
from bot.texts import say

TITLE_CHARS, LABEL_CHARS, HELP_CHARS = 45, 45, 100
FIELD_CHARS = 4000
MOST_FIELDS = 5
ID_CHARS = 100
FORM, USE, BRING = "form", "use", "bring"
"""What a submitted modal is about: the first word of its id, before a `|`."""
SETTINGS, WEIGHTS = "settings", "looks"
WORDS, FILE, NAME, LINK = "words", "file", "name", "link"
WEIGHT = "weight"
Modal = discord.ui.Modal


def modal(title: str, about: str, *labels: discord.ui.Label[Any]) -> Modal:
    """A modal that the library keeps nothing of: its id alone says what it is about."""
    made = Modal(title=plain(title, TITLE_CHARS), custom_id=about[:ID_CHARS], timeout=None)
    for label in labels[:MOST_FIELDS]:
        made.add_item(label)
    made.stop()
    return made


def form(title: str, button: str, fields: Sequence[FormField]) -> Modal:
    """The form that a button opens, filled in."""
    if len(fields) <= MOST_FIELDS:
        labels = [_own(each) for each in fields]
    else:
        long = [each for each in fields if each.kind == "long"][: MOST_FIELDS - 2]
        left = [each for each in fields if each not in long]
        weights = [each for each in left if each.kind == WEIGHT]
        others = [each for each in left if each.kind != WEIGHT]
        labels = [_own(each) for each in long]
        if weights:
            labels.append(
                _shared(WEIGHTS, say("form.label.weights", "Looks and their strength"), weights)
            )
        labels.append(_shared(SETTINGS, say("form.label.settings", "Settings, one a line"), others))
    return modal(title, f"{FORM}|{button}", *labels)


def _own(field: FormField) -> discord.ui.Label[Any]:
    is_long = field.kind == "long"
    return discord.ui.Label(
        text=plain(field.label, LABEL_CHARS) or "-",
        description=plain(field.help, HELP_CHARS) or None,
        component=discord.ui.TextInput(
            custom_id=field.name[:ID_CHARS],
            style=discord.TextStyle.paragraph if is_long else discord.TextStyle.short,
            default=field.value[:FIELD_CHARS] or None,
            required=False,
            max_length=FIELD_CHARS,
        ),
    )


def _shared(name: str, label: str, fields: Sequence[FormField]) -> discord.ui.Label[Any]:
    lines = "\n".join(f"{_short(each.name)} = {plain(each.value, 300)}" for each in fields)
    return discord.ui.Label(
        text=label,
        description="A line that is taken away leaves its value as it is"
        if name == SETTINGS
        else "A line that is taken away, or has no number, leaves its look out",
        component=discord.ui.TextInput(
            custom_id=name,
            style=discord.TextStyle.paragraph,
            default=lines[:FIELD_CHARS] or None,
            required=False,
            max_length=FIELD_CHARS,
        ),
    )


def _short(name: str) -> str:
    return name.partition(":")[2] if name.startswith(f"{WEIGHT}:") else name


def filled(data: Mapping[str, Any]) -> dict[str, str]:
    """What a submitted form holds, field by field; shared fields are taken apart again."""
    fields: dict[str, str] = {}
    for name, value in values(data).items():
        if name == WEIGHTS:
            fields |= {f"{WEIGHT}:{key}": each for key, each in _lines(value).items()}
        elif name == SETTINGS:
            fields |= _lines(value)
        else:
            fields[name] = value
    return fields


def values(data: Mapping[str, Any]) -> dict[str, str]:
    """Text fields of a submitted modal, by their ids."""
    found: dict[str, str] = {}
    for row in data.get("components") or ():
        inner = [row["component"]] if "component" in row else row.get("components") or ()
        for each in inner:
            if "value" in each and "custom_id" in each:
                found[str(each["custom_id"])] = str(each["value"] or "")
    return found


def _lines(text: str) -> dict[str, str]:
    """`name = value` a line; a line without a sign is a name of nothing."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def reference_form(about: str) -> Modal:
    """What to make of a picture that somebody pointed at."""
    return modal(
        say("discord.reference", "Use as reference"),
        f"{USE}|{about}",
        discord.ui.Label(
            text=say("form.label.see", "What do you want to see?"),
            description=say("form.help.see", "In your own words; the picture goes along with them"),
            component=discord.ui.TextInput(
                custom_id=WORDS,
                style=discord.TextStyle.paragraph,
                placeholder="the same creature, at night, in neon",
                max_length=2000,
            ),
        ),
    )


def bring_form() -> Modal:
    """A LoRA as an upload, or a link to one."""
    return modal(
        say("form.title.bring", "Bring a look"),
        f"{BRING}|lora",
        discord.ui.Label(
            text=say("form.label.lora", "The LoRA"),
            description=say("form.help.lora", "A .safetensors file, as it came from its trainer"),
            component=discord.ui.FileUpload(
                custom_id=FILE, required=False, min_values=0, max_values=1
            ),
        ),
        discord.ui.Label(
            text=say("form.label.link", "Or a link to it"),
            description="Civitai or Hugging Face",
            component=discord.ui.TextInput(custom_id=LINK, required=False, max_length=500),
        ),
        discord.ui.Label(
            text=say("form.label.name_here", "Its name here"),
            component=discord.ui.TextInput(custom_id=NAME, required=False, max_length=80),
        ),
    )
