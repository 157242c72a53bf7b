"""A plan in a form: its fields for the platform that opens one, and what came back as an intent."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from bot.acts.making import Count, Guidance, Seed, Size, Steps, settings_of
from bot.messages import Message
from bot.options import Options
from bot.texts import say, translated
from engine.errors import BadRequest
from engine.messages import Job, Revise

WEIGHT = "weight:"
PROMPT_CHARS = 4000
FieldKind = Literal["text", "long", "number", "size", "weight"]


class FormField(Message):
    """One field of a form, with what it holds now."""

    name: str
    label: str
    value: str
    kind: FieldKind
    help: str = ""


class EditOptions(Options):
    """What a person may set on a plan; weights come beside it, by the LoRA's name."""

    prompt: str | None = Field(
        None,
        max_length=PROMPT_CHARS,
        description="What is drawn, triggers included",
        json_schema_extra={"valid": f"words, at most {PROMPT_CHARS} characters"},
    )
    negative: str | None = Field(
        None,
        max_length=PROMPT_CHARS,
        description="What should not be in it",
        json_schema_extra={"valid": f"words, at most {PROMPT_CHARS} characters"},
    )
    size: Size = None
    seed: Seed = None
    count: Count = None
    steps: Steps = None
    guidance: Guidance = None


def fields_of(job: Job) -> tuple[FormField, ...]:
    """The form of a job's plan: one field a LoRA, then the words, then the settings."""
    plan = job.plan
    looks = tuple(
        FormField(
            name=WEIGHT + lora.name,
            label=lora.name,
            value=f"{lora.weight:g}",
            kind="weight",
            help=say("form.weight", "its strength; empty leaves it out"),
        )
        for lora in plan.loras
    )

    def told(name: str) -> str:
        return translated(f"form.help.{name}", EditOptions.model_fields[name].description or "")

    values: tuple[tuple[str, str, FieldKind, str], ...] = (
        ("prompt", say("form.label.prompt", "Prompt as drawn"), "long", plan.prompt),
        ("negative", say("form.label.negative", "Kept out"), "long", plan.negative_prompt),
        ("size", say("form.label.size", "Size"), "size", f"{plan.width}x{plan.height}"),
        ("seed", say("form.label.seed", "Seed"), "number", str(plan.seed)),
        ("steps", say("form.label.steps", "Steps"), "number", str(plan.steps)),
        ("guidance", say("form.label.guidance", "Guidance"), "number", f"{plan.guidance:g}"),
        ("count", say("form.label.count", "Pictures"), "number", str(plan.count)),
    )
    named = tuple(
        FormField(name=name, label=label, value=value, kind=kind, help=told(name))
        for name, label, kind, value in values
    )
    return (*looks, *named)


def revision(job: Job, given: Mapping[str, str]) -> Revise:
    """What a submitted form asks for; raises `BadRequest` naming the field and what would do.

    A field that is empty stays as it was, but an empty weight leaves its LoRA out, and an empty
    "kept out" keeps nothing out.
    """
    weights = {
        name.removeprefix(WEIGHT): _weight(name, value)
        for name, value in given.items()
        if name.startswith(WEIGHT)
    }
    typed = {
        name: value
        for name, value in given.items()
        if not name.startswith(WEIGHT) and (value.strip() or name == "negative")
    }
    options = EditOptions.from_text(typed)
    return Revise(
        job=job.id,
        prompt=options.prompt,
        negative_prompt=options.negative,
        settings=settings_of(options),
        weights=weights,
    )


def _weight(name: str, value: str) -> float | None:
    value = value.strip()
    if not value:
        return None
    try:
        weight = float(value.replace(",", "."))
    except ValueError:
        weight = float("nan")
    if not abs(weight) <= 10:  # also catches what is not a number
        look = name.removeprefix(WEIGHT)
        raise BadRequest(
            name=say("form.weight_of", "weight of {look}", look=look),
            value=value[:40],
            valid=say("form.weight_valid", "0 to 2, or nothing"),
        )
    return weight
