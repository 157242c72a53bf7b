"""`/lora info NAME`: what a LoRA is, how it is woken, how strong it is."""

from typing import Literal

from pydantic import Field

from bot.acts.looks import look_card
from bot.command import Context, command
from bot.messages import Outbound
from bot.options import Options


class LoraOptions(Options):
    """What to do, and with which."""

    action: Literal["info"] = Field(description="What to do")
    name: str = Field(
        min_length=1,
        max_length=80,
        description="Name of the look",
        json_schema_extra={"valid": "a name from /looks"},
    )


async def handle(context: Context, options: LoraOptions) -> Outbound:
    """The card of one LoRA."""
    return await look_card(context, options.name)


LORA = command(
    name="lora",
    summary="What a look is: kind, trigger, weight, tags",
    options=LoraOptions,
    handle=handle,
    positional=("action", "name"),
    examples=("/lora info Zib",),
)
