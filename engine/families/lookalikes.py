"""Bases that nothing is drawn with yet, but whose LoRAs people bring. Add one: a file and a row.

A base that becomes drawable moves from here to a family file of its own.
"""

from engine.families.facts import Fingerprint
from engine.registration import Table

_IN = "engine.families.recognised"
LOOKALIKES: Table[Fingerprint] = Table(
    "recognised bases",
    Fingerprint,
    {
        "kolors": f"{_IN}.kolors:KOLORS",
        "flux2-dev": f"{_IN}.flux2:FLUX2_DEV",
        "flux2-klein-9b": f"{_IN}.flux2:FLUX2_KLEIN_9B",
        "flux2-klein-4b": f"{_IN}.flux2:FLUX2_KLEIN_4B",
        "z-image": f"{_IN}.z_image:Z_IMAGE",
        "lumina2": f"{_IN}.lumina2:LUMINA2",
        "qwen-image": f"{_IN}.qwen_image:QWEN_IMAGE",
        "hidream": f"{_IN}.hidream:HIDREAM",
        "auraflow": f"{_IN}.auraflow:AURAFLOW",
        "sana": f"{_IN}.sana:SANA",
        "cogview4": f"{_IN}.cogview4:COGVIEW4",
        "krea2": f"{_IN}.krea2:KREA2",
        "anima": f"{_IN}.cosmos:ANIMA",
        "cosmos-predict2-2b": f"{_IN}.cosmos:COSMOS_PREDICT2_2B",
        "hunyuan-image-2.1": f"{_IN}.hunyuan:HUNYUAN_IMAGE",
        "hunyuan-video": f"{_IN}.hunyuan:HUNYUAN_VIDEO",
        "hunyuan-video-1.5": f"{_IN}.hunyuan:HUNYUAN_VIDEO_15",
        "wan-14b": f"{_IN}.wan:WAN_14B",
        "wan-14b-i2v": f"{_IN}.wan:WAN_14B_I2V",
        "wan-1.3b": f"{_IN}.wan:WAN_13B",
        "wan22-5b": f"{_IN}.wan:WAN22_5B",
        "ltx-video": f"{_IN}.ltx_video:LTX_VIDEO",
        "ideogram4": f"{_IN}.ideogram4:IDEOGRAM4",
        "ernie-image": f"{_IN}.ernie_image:ERNIE_IMAGE",
    },
)
