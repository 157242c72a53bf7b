"""Which LoRA makes a picture fall apart: each is tried alone for one step, the base without any.

Asked only when latents are no numbers any more, so that it costs nobody anything else.
"""

from collections.abc import Sequence

import structlog
import torch

from engine.errors import AtelierError, LookPoisoned, NotFinite, StackNotApplied
from engine.messages import LoraFile, WorkOrder
from engine.workers.bases import LoadedBase
from engine.workers.loop import Loop
from engine.workers.rows import encode, rows_of

log = structlog.get_logger(__name__)


def blamed(error: AtelierError, order: WorkOrder, base: LoadedBase) -> AtelierError:
    """The error, or `LookPoisoned` when one LoRA of the order makes no numbers all by itself."""
    if not isinstance(error, NotFinite) or not order.loras or order.plan.probe is not None:
        return error
    if not is_sound(order, base, ()):
        return error
    for lora in order.loras:
        if not is_sound(order, base, (lora,)):
            log.warning("lora.poisoned", sha256=lora.sha256)
            return LookPoisoned(name=lora.name, sha256=lora.sha256, where="its output")
    return error


@torch.inference_mode()
def is_sound(order: WorkOrder, base: LoadedBase, files: Sequence[LoraFile]) -> bool:
    """Whether one step with these LoRAs alone leaves numbers."""
    base.seams.clear()
    try:
        stack = base.stacks.get(files)
    except (LookPoisoned, StackNotApplied):
        return False
    plan = order.plan.model_copy(update={"count": 1})
    told = encode(base.pipeline, plan)
    loop = Loop(base.pipeline, base.seams)
    (row,) = rows_of(order.job, plan, base.pipeline, told, stack)
    loop.join([row])
    loop.tick()
    base.seams.clear()
    return bool(torch.isfinite(row.latents).all())
