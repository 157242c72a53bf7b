"""What a plan costs, and whether it may enter the queue: pure rules."""

from dataclasses import dataclass

from engine.errors import BadRequest
from engine.messages import Plan

REFERENCE = 512 * 512 * 20
"""Pixel-steps of one cost unit: a 512 x 512 picture at 20 steps without guidance."""
LEAST_COST = 0.01


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds of one request."""

    most_count: int
    most_steps: int
    most_pixels: int
    most_prompt_chars: int


def cost(plan: Plan) -> float:
    """Work of a plan in cost units: images x steps x pixels, doubled by guidance."""
    passes = 2 if plan.guidance > 1 else 1
    work = plan.count * plan.steps * plan.width * plan.height * passes / REFERENCE
    return max(LEAST_COST, round(work, 6))


def check(plan: Plan, limits: Limits) -> None:
    """Raise `BadRequest` for a plan beyond the limits; the error names what is valid."""
    pixels = plan.width * plan.height
    for name, value, most in (
        ("count", plan.count, limits.most_count),
        ("steps", plan.steps, limits.most_steps),
        ("size", pixels, limits.most_pixels),
        ("prompt", len(plan.prompt), limits.most_prompt_chars),
    ):
        if value > most:
            unit = {"size": " pixels", "prompt": " characters"}.get(name, "")
            raise BadRequest(name=name, value=value, valid=f"at most {most}{unit}")
