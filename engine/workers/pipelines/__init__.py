"""How bases are called, one file a way. Add one: a file here and a row below."""

from engine.errors import Misregistered
from engine.registration import Table
from engine.workers.pipelines.pipeline import Pipeline

PIPELINES: Table[type] = Table(
    "pipelines",
    type,
    {
        "unet": "engine.workers.pipelines.unet:UnetPipeline",
        "unet-xl": "engine.workers.pipelines.unet_xl:UnetXlPipeline",
        "mmdit": "engine.workers.pipelines.mmdit:MmditPipeline",
        "flux": "engine.workers.pipelines.flux:FluxPipeline",
        "chroma": "engine.workers.pipelines.chroma:ChromaPipeline",
        "pixart": "engine.workers.pipelines.pixart:PixartPipeline",
    },
)


def pipeline_class(name: str) -> type[Pipeline]:
    """The pipeline of this name; raises `Misregistered`."""
    found = PIPELINES.get(name)
    if not issubclass(found, Pipeline):
        raise Misregistered(table="pipelines", row=name, problem="is not a Pipeline")
    return found
