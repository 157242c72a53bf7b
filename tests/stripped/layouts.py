"""Made-up LoRA files in the layouts that the field's tools write, with the truth about each.

The networks are the genuine classes (`tests.stripped.networks`); the namings, endings and metadata
follow the trainers' sources. A seed gives the same files again; the fixtures of this folder are
some of them, `python -m tests.bench identity_accuracy` measures them all.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from tests.stripped import networks
from tests.stripped.headers import Tensors
from tests.stripped.networks import UNETS, Wide

Shape = tuple[int, ...]
Parts = dict[str, Shape]


@dataclass(frozen=True, slots=True)
class Truth:
    """What an identifier should say of a file."""

    base: str | None
    format: str | None
    algorithm: str | None = "lora"
    rank: int | None = None
    alpha: float | None = None
    triggers: tuple[str, ...] = ()
    is_undecidable: bool = False
    """Whether nothing in the file tells the base from its twins: then a set with it is right."""


@dataclass(frozen=True, slots=True)
class Made:
    """One file."""

    name: str
    tensors: Tensors
    metadata: Mapping[str, str]
    truth: Truth
    scalars: Mapping[str, float] = field(default_factory=dict)


# --- algorithms: what a layer's tensors are -----------------------------------------------------


def lora(rank: int, inputs: int, outputs: int, kernel: Shape) -> Parts:
    """Down and up, with the kernel in down."""
    ones = (1,) * len(kernel)
    return {"down": (rank, inputs, *kernel), "up": (outputs, rank, *ones), "alpha": ()}


def tucker(rank: int, inputs: int, outputs: int, kernel: Shape) -> Parts:
    """A convolution with a core between."""
    if len(kernel) != 2 or kernel == (1, 1):
        return lora(rank, inputs, outputs, kernel)
    return {
        "lora_mid.weight": (rank, rank, *kernel), "down": (rank, inputs, 1, 1),
        "up": (outputs, rank, 1, 1), "alpha": (),
    }  # fmt: skip


def dora(rank: int, inputs: int, outputs: int, kernel: Shape) -> Parts:
    """With a length for each output."""
    scale = (outputs, *(1,) * (1 + len(kernel)))
    return lora(rank, inputs, outputs, kernel) | {"dora_scale": scale}


def onetrainer_dora(rank: int, inputs: int, outputs: int, kernel: Shape) -> Parts:
    """With a length for each input."""
    return lora(rank, inputs, outputs, kernel) | {"dora_scale": (1, inputs)}


def peft_dora(rank: int, inputs: int, outputs: int, kernel: Shape) -> Parts:
    """As PEFT names it."""
    return lora(rank, inputs, outputs, kernel) | {"lora_magnitude_vector": (outputs,)}


def loha(rank: int, inputs: int, outputs: int, kernel: Shape) -> Parts:
    """Two products, multiplied number by number."""
    columns = inputs * _area(kernel)
    halves: Parts = {}
    for side in "12":
        halves |= {f"hada_w{side}_a": (outputs, rank), f"hada_w{side}_b": (rank, columns)}
    return halves | {"alpha": ()}


def lokr(rank: int, inputs: int, outputs: int, kernel: Shape) -> Parts:
    """A small factor and a low-rank one."""
    first_out, first_in = _divisor(outputs), _divisor(inputs)
    rows, columns = outputs // first_out, inputs // first_in * _area(kernel)
    return {
        "lokr_w1": (first_out, first_in), "lokr_w2_a": (rows, rank),
        "lokr_w2_b": (rank, columns), "alpha": (),
    }  # fmt: skip


def whole_lokr(_: int, inputs: int, outputs: int, kernel: Shape) -> Parts:
    """Both factors whole."""
    first_out, first_in = _divisor(outputs), _divisor(inputs)
    second = (outputs // first_out, inputs // first_in, *kernel)
    return {"lokr_w1": (first_out, first_in), "lokr_w2": second, "alpha": ()}


def full(_: int, inputs: int, outputs: int, kernel: Shape) -> Parts:
    """The whole difference."""
    return {"diff": (outputs, inputs, *kernel)}


def oft(_: int, __: int, outputs: int, ___: Shape) -> Parts:
    """Blocks that turn the outputs."""
    return {"oft_blocks": (8, outputs // 8, outputs // 8), "alpha": ()}


def boft(_: int, __: int, outputs: int, ___: Shape) -> Parts:
    """The same in several passes."""
    return {"oft_blocks": (3, 8, outputs // 8, outputs // 8), "alpha": ()}


def glora(rank: int, inputs: int, outputs: int, kernel: Shape) -> Parts:
    """Four halves."""
    return {
        "a1.weight": (inputs, rank), "a2.weight": (rank, inputs),
        "b1.weight": (outputs, rank), "b2.weight": (rank, inputs, *kernel), "alpha": (),
    }  # fmt: skip


def ia3(_: int, __: int, outputs: int, ___: Shape) -> Parts:
    """One number for each output."""
    return {"weight": (outputs,), "on_input": ()}


def _area(kernel: Shape) -> int:
    area = 1
    for side in kernel:
        area *= side
    return area


def _divisor(size: int) -> int:
    return next(factor for factor in (16, 8, 4, 2, 1) if size % factor == 0)


Algorithm = Callable[[int, int, int, Shape], Parts]
_CALLED: Mapping[Algorithm, str] = {
    lora: "lora", tucker: "locon", dora: "dora", onetrainer_dora: "dora", peft_dora: "dora",
    loha: "loha", lokr: "lokr", whole_lokr: "lokr", full: "full", oft: "oft", boft: "boft",
    glora: "glora", ia3: "ia3",
}  # fmt: skip
_RANKED = frozenset({lora, tucker, dora, onetrainer_dora, peft_dora, loha, lokr, glora})

# --- endings ------------------------------------------------------------------------------------

KOHYA = {"down": "lora_down.weight", "up": "lora_up.weight"}
PEFT = {"down": "lora_A.weight", "up": "lora_B.weight", "alpha": ""}
PEFT_ALPHA = {"down": "lora_A.weight", "up": "lora_B.weight"}
NAMED = {"down": "lora_A.default.weight", "up": "lora_B.default.weight", "alpha": "",
         "lora_magnitude_vector": "lora_magnitude_vector.default"}  # fmt: skip
DOT = {"down": "lora.down.weight", "up": "lora.up.weight", "alpha": ""}
LINEAR_LAYER = {
    "down": "lora_linear_layer.down.weight", "up": "lora_linear_layer.up.weight", "alpha": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to write one file."""

    base: str
    format: str
    prefix: str = ""
    is_flat: bool = False
    is_native: bool = False
    endings: Mapping[str, str] = field(default_factory=lambda: KOHYA)
    algorithm: Algorithm = lora
    keep: Callable[[str], bool] = lambda path: True
    text: Mapping[str, Wide] = field(default_factory=dict)
    """Prefix -> text encoder's layers."""
    text_endings: Mapping[str, str] | None = None
    is_decidable: bool = True
    """Whether the layers alone tell the base."""


def write(recipe: Recipe, name: str, rng: random.Random, dtype: str = "F16") -> Made:
    """The file of a recipe with a random rank and alpha and its trainer's metadata."""
    rank = rng.choice([1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 128])
    alpha = float(rng.choice([1, rank / 2 or 1, rank, 2 * rank]))
    everything = {
        path: wide
        for path, wide in networks.denoiser(recipe.base).items()
        if wide[1] > 8 and wide[0] > 8
    }
    layers = {path: wide for path, wide in everything.items() if recipe.keep(path)}
    if recipe.is_native:
        # A fused layer is kept whole when any of what it holds is.
        kept = networks.native(recipe.base, layers)
        layers = {
            path: wide
            for path, wide in networks.native(recipe.base, everything).items()
            if path in kept
        }
    tensors: Tensors = {}
    for path, wide in layers.items():
        tensors |= _layer(recipe, recipe.prefix, path, wide, recipe.algorithm, rank, dtype)
    for prefix, text in recipe.text.items():
        for path, wide in text.items():
            endings = recipe.text_endings or recipe.endings
            tensors |= _layer(recipe, prefix, path, wide, recipe.algorithm, rank, dtype, endings)
    scalars = {key: alpha for key in tensors if key.endswith(".alpha")}
    metadata, triggers, hints = metadata_of(recipe, rank, alpha, rng)
    # A file whose tensors are silent is told of by its trainer.
    is_told = bool({"lora_adapter_metadata", "ss_network_alpha"} & metadata.keys())
    has_alpha = bool(scalars) or (is_told and recipe.algorithm not in (full, ia3))
    is_ranked = recipe.algorithm in _RANKED
    algorithm = _CALLED[recipe.algorithm]
    if algorithm == "lora" and any(len(wide[2]) and _area(wide[2]) > 1 for wide in layers.values()):
        algorithm = "locon"
    truth = Truth(
        recipe.base, recipe.format, algorithm, rank if is_ranked else None,
        (alpha if has_alpha else float(rank)) if is_ranked or has_alpha else None, triggers,
        is_undecidable=not (recipe.is_decidable or hints),
    )  # fmt: skip
    return Made(name, tensors, metadata, truth, scalars)


def _layer(
    recipe: Recipe, prefix: str, path: str, wide: tuple[int, int, Shape], algorithm: Algorithm,
    rank: int, dtype: str, endings: Mapping[str, str] | None = None,
) -> Tensors:  # fmt: skip
    inputs, outputs, kernel = wide
    used = recipe.endings if endings is None else endings
    flat = path.replace(".", "_") if recipe.is_flat or prefix.endswith("_") else path
    found: Tensors = {}
    for part, shape in algorithm(rank, inputs, outputs, kernel).items():
        ending = used.get(part, part)
        if ending:
            found[f"{prefix}{flat}.{ending}"] = (dtype, shape)
    return found


# --- metadata -----------------------------------------------------------------------------------

_TRAINED_AS = {
    "sd1": ("sd_v1", "stable-diffusion-v1"), "sd2": ("sd_v2", "stable-diffusion-v2-768-v"),
    "sdxl": ("sdxl_base_v1-0", "stable-diffusion-xl-v1-base"), "kolors": ("kolors", "kolors"),
    "sd3-medium": ("sd3-medium", "stable-diffusion-3-medium"),
    "sd35-medium": ("sd3.5-medium", "stable-diffusion-3.5-medium"),
    "sd35-large": ("sd3.5-large", "stable-diffusion-3.5-large"),
    "flux1": ("flux1", "flux-1-dev"), "chroma": ("chroma", "chroma"),
    "flux2-dev": ("flux2_dev", "Flux.2-dev"),
    "flux2-klein-9b": ("flux2_klein_9b", "Flux.2-klein-9b"),
    "flux2-klein-4b": ("flux2_klein_4b", "Flux.2-klein-4b"), "z-image": ("zimage", "Z-Image"),
    "lumina2": ("lumina2", "lumina-2"), "qwen-image": ("qwen_image", "Qwen-Image"),
    "hidream": ("hidream_i1", "hidream-i1"), "auraflow": ("auraflow", "auraflow-v1"),
    "pixart-sigma": ("pixart", "pixart-sigma"), "sana": ("sana", "sana"),
    "cogview4": ("cogview4", "cogview4"), "krea2": ("krea2", "Krea-2"),
    "anima": ("anima", "anima-preview"), "cosmos-predict2-2b": ("cosmos", "cosmos-predict2"),
    "hunyuan-image-2.1": ("hunyuan-image-2.1", "hunyuan-image-2.1"),
    "hunyuan-video": ("hunyuan_video", "hunyuan-video"),
    "hunyuan-video-1.5": ("hunyuan_video_1_5", "hunyuan-video-1.5"),
    "wan-14b": ("wan_2.1_14b", "wan2.1-t2v-14b"),
    "wan-14b-i2v": ("wan_2.1_i2v_14b", "wan2.1-i2v-14b"),
    "wan-1.3b": ("wan_2.1_1.3b", "wan2.1-t2v-1.3B"), "wan22-5b": ("wan_2.2_5b", "wan2.2-ti2v-5b"),
    "ltx-video": ("ltxv", "ltx-video"), "ideogram4": ("ideogram4", "Ideogram"),
    "ernie-image": ("ernie", "Ernie"), "miniature": ("miniature", "miniature"),
}  # fmt: skip
_LIES = (
    {"ss_base_model_version": "sd_1.5"},
    {"modelspec.architecture": "flux-1-dev/lora"},
    {"ss_base_model_version": "sdxl_base_v1-0"},
)


def metadata_of(
    recipe: Recipe, rank: int, alpha: float, rng: random.Random
) -> tuple[dict[str, str], tuple[str, ...], bool]:
    """Metadata of one of the trainers that write this format, its triggers, and if it is heard."""
    version, architecture = _TRAINED_AS[recipe.base]
    words, triggers = _triggers(rng)
    style = rng.choice(_TRAINERS.get(recipe.format, ("none", "kohya")))
    if style == "none":
        return {}, (), False
    if style == "diffusers":
        part = "unet" if recipe.base in UNETS else "transformer"
        settings = {
            f"{part}.r": rank,
            f"{part}.lora_alpha": alpha,
            f"{part}.target_modules": ["to_q"],
        }
        return {"format": "pt", "lora_adapter_metadata": json.dumps(settings)}, (), False
    if style == "onetrainer":
        spec = {
            "modelspec.sai_model_spec": "1.0.0",
            "modelspec.title": "",
            "ot_branch": "master",
            "modelspec.architecture": f"{architecture}/lora",
            "modelspec.author": "",
        }
        return spec, (), True
    if style == "aitoolkit":
        trigger = rng.choice(_RARE)
        return {
            "format": "pt", "name": "my_lora_v1", "version": "1.0", "ss_output_name": "my_lora_v1",
            "ss_base_model_version": version, "training_info": json.dumps({"step": 2000}),
            "software": json.dumps({"name": "ai-toolkit", "version": "0.6.1"}),
            "ss_tag_frequency": json.dumps({f"1_{trigger}": {trigger: 1}}),
        }, (trigger,), True  # fmt: skip
    told: dict[str, str] = {
        "ss_network_module": "networks.lora", "ss_network_dim": str(rank), "ss_epoch": "10",
        "ss_network_alpha": str(alpha), "ss_learning_rate": "0.0001", "ss_v2": str(
            recipe.base == "sd2"), "ss_mixed_precision": "bf16", "ss_output_name": "thing_v2",
        "sshs_model_hash": "0" * 64, "ss_resolution": "(1024, 1024)", "ss_clip_skip": "None",
        "ss_base_model_version": version, "modelspec.architecture": f"{architecture}/lora",
        "modelspec.title": "thing_v2", "ss_sd_model_name": "model.safetensors", **words,
    }  # fmt: skip
    if rng.random() < 0.1:
        # A metadata that lies about a file whose layers tell the truth.
        lie = rng.choice(_LIES)
        if recipe.is_decidable:
            told |= lie
    return told, triggers, True


_TRAINERS = {
    "kohya": ("kohya", "kohya", "kohya", "none"),
    "kohya-ldm-names": ("kohya", "kohya", "kohya", "kohya", "none"),
    "kohya-diffusers-names": ("kohya", "kohya", "kohya", "none"),
    "kohya-oft": ("kohya", "none"),
    "comfy-dotted": ("aitoolkit", "aitoolkit", "none", "onetrainer"),
    "onetrainer-kohya": ("onetrainer",),
    "diffusers-peft": ("diffusers", "none", "aitoolkit"),
    "simpletuner-lycoris": ("none",),
    "bfl-dotted": ("onetrainer", "none"),
}
_RARE = ("ohwx man", "zlt", "p3rs0n", "sks dog", "TOK", "bbx_style", "kyrn", "m1rabel", "vntg-flm",
         "in the style of zib", "Elara Voss", "hjk woman", "cyb3rlook", "trgr")  # fmt: skip
_COMMON = (
    "1girl", "solo", "looking at viewer", "long hair", "blue eyes", "smile", "simple background",
    "white background", "brown hair", "standing", "outdoors", "shirt", "dress", "blush",
    "masterpiece", "best quality", "highres", "upper body", "closed mouth", "jewelry",
    "realistic", "photo", "black hair", "sky", "tree", "hat", "open mouth", "full body",
)  # fmt: skip


def _triggers(rng: random.Random) -> tuple[dict[str, str], tuple[str, ...]]:
    """Metadata that name triggers in one of sd-scripts' ways, and the triggers."""
    way = rng.choice(["phrase", "tags", "tags", "tags", "folder", "class", "two", "nothing"])
    word, count = rng.choice(_RARE), rng.randint(12, 80)
    folder = f"{rng.randint(1, 20)}_{word}"
    dirs = {folder: {"n_repeats": 10, "img_count": count}}
    if way == "phrase":
        return {"modelspec.trigger_phrase": word}, (word,)
    if way == "class":
        subsets = [{"img_count": count, "num_repeats": 5, "class_tokens": word, "image_dir": "a"}]
        return {"ss_datasets": json.dumps([{"subsets": subsets, "resolution": [512, 512]}])}, (
            word,
        )
    if way == "folder":
        return {"ss_dataset_dirs": json.dumps(dirs), "ss_tag_frequency": "{}"}, (word,)
    tags = {tag: rng.randint(1, count) for tag in rng.sample(_COMMON, 14)}
    tags |= dict.fromkeys(rng.sample(("1girl", "solo", "masterpiece", "long hair"), 2), count)
    if way == "nothing":
        frequency = {"10_images": tags}
        return {"ss_tag_frequency": json.dumps(frequency)}, ()
    if way == "two":
        other = rng.choice([each for each in _RARE if each != word])
        frequency = {
            folder: {word.lower(): count, **tags},
            f"3_{other}": {word.lower(): count // 2, other.lower(): count // 2, **tags},
        }
        dirs[f"3_{other}"] = {"n_repeats": 3, "img_count": count // 2}
    else:
        frequency = {folder: {word.lower(): count - rng.choice([0, 0, 1]), **tags}}
    told = {"ss_tag_frequency": json.dumps(frequency), "ss_dataset_dirs": json.dumps(dirs)}
    return told, (word.lower(),)


# --- the files ----------------------------------------------------------------------------------


def attention(path: str) -> bool:
    """Attention layers alone."""
    return ".attn" in path or "attention" in path


def blocks(path: str) -> bool:
    """Everything inside of blocks."""
    return any(word.isdigit() for word in path.split(".")[:3])


def some_blocks(numbers: frozenset[int]) -> Callable[[str], bool]:
    """Only blocks of these numbers."""
    return lambda path: any(
        word.isdigit() and int(word) in numbers for word in path.split(".")[1:2]
    )


def transformers_of_unet(path: str) -> bool:
    """What sd-scripts trains in a UNet: everything inside of transformers."""
    return "attentions" in path


def no_ends(path: str) -> bool:
    """A UNet without its samplers and ends: LoCon's usual target."""
    return "sampler" not in path and path.split(".")[0] in ("down_blocks", "mid_block", "up_blocks")


def recipes() -> Iterator[tuple[str, Recipe]]:
    """One recipe for every layout that is known, by name."""
    yield from _unets()
    yield from _transformers()
    yield from _special()


def _unets() -> Iterator[tuple[str, Recipe]]:
    one = {"sd1": {"lora_te_": networks.clip_l()}, "sd2": {"lora_te_": networks.clip_h()}}
    for base in ("sd1", "sd2"):
        names, mark = f"kohya-{base}", "kohya-diffusers-names"
        for text in ({}, one[base]):
            tag = "-te" if text else ""
            yield (
                names + tag,
                Recipe(base, mark, "lora_unet_", True, keep=transformers_of_unet, text=text),
            )
        for algorithm in (lora, tucker, dora, loha, lokr, whole_lokr, full, boft, oft, glora, ia3):
            yield (
                f"{names}-{algorithm.__name__}",
                Recipe(
                    base,
                    mark,
                    "lora_unet_",
                    True,
                    keep=no_ends,
                    algorithm=algorithm,
                    text=one[base],
                ),
            )
        yield (
            f"{base}-te-only",
            Recipe(base, "kohya", "lora_unet_", True, keep=lambda path: False, text=one[base]),
        )
        yield (
            f"{base}-attn1",
            Recipe(
                base,
                mark,
                "lora_unet_",
                True,
                is_decidable=False,
                keep=lambda path: ".attn1." in path,
            ),
        )
        yield (
            f"{base}-ldm",
            Recipe(
                base,
                "kohya-ldm-names",
                "lora_unet_",
                True,
                is_native=True,
                keep=transformers_of_unet,
            ),
        )
        yield (
            f"{base}-peft",
            Recipe(
                base, "diffusers-peft", "unet.", endings=PEFT, keep=lambda path: ".attn" in path
            ),
        )
        yield (
            f"{base}-dot",
            Recipe(
                base,
                "diffusers-dotlora",
                "unet.",
                endings=DOT,
                keep=lambda path: ".attn" in path,
                text={
                    "text_encoder.": {p: w for p, w in one[base]["lora_te_"].items() if "attn" in p}
                },
                text_endings=LINEAR_LAYER,
            ),
        )
        yield (
            f"{base}-base-model",
            Recipe(
                base,
                "peft-base_model",
                "base_model.model.",
                endings=PEFT,
                keep=lambda path: ".attn" in path,
            ),
        )
        yield (
            f"{base}-oft-kohya",
            Recipe(
                base,
                "kohya-oft",
                "oft_unet_",
                True,
                algorithm=oft,
                keep=transformers_of_unet,
                is_decidable=False,
            ),
        )
        yield (
            f"{base}-comfy",
            Recipe(
                base,
                "comfy-dotted",
                "diffusion_model.",
                is_native=True,
                endings=PEFT_ALPHA,
                keep=transformers_of_unet,
            ),
        )
        for front in ("unet.", ""):
            yield (
                f"{base}-processor{front}",
                Recipe(
                    base,
                    "diffusers-attn-processor",
                    front,
                    endings={"alpha": ""},
                    keep=lambda path: path.endswith((".to_q", ".to_k", ".to_v", ".to_out.0")),
                ),
            )
    two = {"lora_te1_": networks.clip_l(), "lora_te2_": networks.clip_g()}
    for text in ({}, two):
        tag, sure = ("-te", True) if text else ("", False)
        for native, mark in ((True, "kohya-ldm-names"), (False, "kohya-diffusers-names")):
            for algorithm in (lora, dora, loha, lokr, whole_lokr):
                yield (
                    f"sdxl-{mark}-{algorithm.__name__}{tag}",
                    Recipe(
                        "sdxl",
                        mark,
                        "lora_unet_",
                        True,
                        native,
                        algorithm=algorithm,
                        keep=transformers_of_unet,
                        text=text,
                        is_decidable=sure,
                    ),
                )
        yield (
            f"sdxl-locon{tag}",
            Recipe(
                "sdxl",
                "kohya-ldm-names",
                "lora_unet_",
                True,
                True,
                keep=no_ends,
                text=text,
                is_decidable=sure,
            ),
        )
        yield (
            f"sdxl-tucker{tag}",
            Recipe(
                "sdxl",
                "kohya-ldm-names",
                "lora_unet_",
                True,
                True,
                algorithm=tucker,
                keep=no_ends,
                text=text,
                is_decidable=sure,
            ),
        )
    parts = {"text_encoder.": networks.clip_l(), "text_encoder_2.": networks.clip_g()}
    for text in ({}, parts):
        tag, sure = ("-te", True) if text else ("", False)
        yield (
            f"sdxl-peft{tag}",
            Recipe(
                "sdxl",
                "diffusers-peft",
                "unet.",
                endings=PEFT,
                text=text,
                keep=lambda path: ".attn" in path,
                is_decidable=sure,
            ),
        )
        yield (
            f"sdxl-peft-dora{tag}",
            Recipe(
                "sdxl",
                "diffusers-peft",
                "unet.",
                endings=PEFT,
                algorithm=peft_dora,
                text=text,
                keep=lambda path: ".attn" in path,
                is_decidable=sure,
            ),
        )
    yield (
        "sdxl-attn1",
        Recipe(
            "sdxl",
            "kohya-ldm-names",
            "lora_unet_",
            True,
            True,
            keep=lambda path: ".attn1." in path,
            is_decidable=False,
        ),
    )
    yield (
        "sdxl-mid",
        Recipe(
            "sdxl",
            "kohya-ldm-names",
            "lora_unet_",
            True,
            True,
            keep=lambda path: "mid_block.att" in path,
            is_decidable=False,
        ),
    )
    yield (
        "sdxl-blora",
        Recipe(
            "sdxl",
            "diffusers-peft",
            "unet.",
            endings=PEFT,
            keep=lambda path: "up_blocks.0.attentions.1" in path and ".attn" in path,
            is_decidable=False,
        ),
    )
    yield (
        "sdxl-named",
        Recipe(
            "sdxl",
            "peft-base_model",
            "unet.",
            endings=NAMED,
            keep=lambda path: ".attn" in path,
            is_decidable=False,
        ),
    )
    yield (
        "sdxl-base-model",
        Recipe(
            "sdxl",
            "peft-base_model",
            "base_model.model.",
            endings=PEFT,
            keep=lambda path: ".attn" in path,
            is_decidable=False,
        ),
    )
    yield (
        "sdxl-dot",
        Recipe(
            "sdxl",
            "diffusers-dotlora",
            "unet.",
            endings=DOT,
            keep=lambda path: ".attn" in path,
            is_decidable=False,
        ),
    )
    yield (
        "kolors-peft",
        Recipe(
            "kolors",
            "diffusers-peft",
            "unet.",
            endings=PEFT,
            keep=lambda path: ".attn" in path,
            is_decidable=False,
        ),
    )
    for native, mark in ((True, "kohya-ldm-names"), (False, "kohya-diffusers-names")):
        yield (
            f"miniature-{mark}",
            Recipe("miniature", mark, "lora_unet_", True, native, keep=transformers_of_unet),
        )


_TWINS: Mapping[str, Callable[[str], bool]] = {
    "flux1": lambda path: ".norm" not in path, "chroma": lambda path: True,
    "sd3-medium": lambda path: ".norm1" not in path, "anima": lambda path: True,
    "cosmos-predict2-2b": lambda path: True,
}  # fmt: skip
"""Bases with a twin -> whether a layer says nothing about which one it is."""


def _is_sure(base: str, keep: Callable[[str], bool]) -> bool:
    """Whether the kept layers tell a base from its twins."""
    if base == "hunyuan-video":
        # FLUX.1 has all but its last blocks, by diffusers' names.
        return keep("single_transformer_blocks.39.attn.to_q")
    tells_nothing = _TWINS.get(base)
    if base == "sd35-medium":
        return any(keep(path) and ".attn2." in path for path in networks.denoiser(base)) or any(
            keep(path) and path.startswith("transformer_blocks.3.norm1.")
            for path in networks.denoiser(base)
        )
    if tells_nothing is None:
        return True
    return any(keep(path) and not tells_nothing(path) for path in networks.denoiser(base))


def _transformers() -> Iterator[tuple[str, Recipe]]:
    for base in networks.BASES:
        if base in UNETS:
            continue
        yield from _of_transformer(base)


def _recipe(
    base: str, keep: Callable[[str], bool], is_decidable: bool, mark: str, prefix: str,
    is_flat: bool = False, is_native: bool = False, endings: Mapping[str, str] = KOHYA,
    algorithm: Algorithm = lora,
) -> Recipe:  # fmt: skip
    return Recipe(base, mark, prefix, is_flat, is_native, endings, algorithm, keep,
                  is_decidable=is_decidable)  # fmt: skip


def _of_transformer(base: str) -> Iterator[tuple[str, Recipe]]:
    has_own = base not in ("qwen-image", "hidream", "cogview4", "sana", "ltx-video", "ernie-image")
    for tag, keep in (
        ("", blocks),
        ("-attn", attention),
        (
            "-some",
            some_blocks(frozenset({7, 12}))
            if base not in ("flux2-klein-4b",)
            else some_blocks(frozenset({2, 3})),
        ),
    ):
        if not any(keep(path) for path in networks.denoiser(base)):
            continue
        sure = _is_sure(base, keep)
        made = partial(_recipe, base, keep, sure)
        for algorithm in (lora, dora, loha, lokr) if not tag else (lora,):
            yield (
                f"{base}-kohya-{algorithm.__name__}{tag}",
                made("kohya", "lora_unet_", True, True, algorithm=algorithm),
            )
            yield (
                f"{base}-comfy-{algorithm.__name__}{tag}",
                made(
                    "comfy-dotted",
                    "diffusion_model.",
                    is_native=True,
                    endings=PEFT_ALPHA,
                    algorithm=algorithm,
                ),
            )
            yield (
                f"{base}-onetrainer-{algorithm.__name__}{tag}",
                made("onetrainer-kohya", "lora_transformer_", True, algorithm=algorithm),
            )
            yield (
                f"{base}-lycoris-{algorithm.__name__}{tag}",
                made("simpletuner-lycoris", "lycoris_", True, algorithm=algorithm),
            )
        yield (
            f"{base}-onetrainer-dora{tag}",
            made("onetrainer-kohya", "lora_transformer_", True, algorithm=onetrainer_dora),
        )
        yield (
            f"{base}-full{tag}",
            made("comfy-dotted", "diffusion_model.", is_native=True, algorithm=full),
        )
        yield (
            f"{base}-peft{tag}",
            made("diffusers-peft", "transformer.", endings=PEFT),
        )
        yield (
            f"{base}-peft-dora{tag}",
            made("diffusers-peft", "transformer.", endings=PEFT, algorithm=peft_dora),
        )
        yield (
            f"{base}-base-model{tag}",
            made("peft-base_model", "base_model.model.", endings=PEFT),
        )
        yield (
            f"{base}-named{tag}",
            made("peft-base_model", "transformer.", endings=NAMED),
        )
        yield (
            f"{base}-named-bare{tag}",
            made("peft-base_model", "", endings=NAMED),
        )
        yield f"{base}-bare{tag}", made("dotted-noprefix", "", endings=PEFT)
        yield f"{base}-bare-down{tag}", made("dotted-noprefix", "", endings=KOHYA)
        yield (
            f"{base}-model-comfy{tag}",
            made("comfy-dotted", "model.diffusion_model.", is_native=True, endings=KOHYA),
        )
        if has_own:
            is_bfl = base.startswith(("flux", "chroma", "hunyuan"))
            bare = "bfl-dotted" if is_bfl else "dotted-noprefix"
            yield (
                f"{base}-native{tag}",
                made(bare, "", is_native=True, endings=PEFT),
            )
            yield (
                f"{base}-native-base-model{tag}",
                made("peft-base_model", "base_model.model.", is_native=True, endings=PEFT),
            )
        if base.startswith(("hunyuan-video", "wan")):
            yield (
                f"{base}-pipe{tag}",
                made("diffusion-pipe", "transformer.", is_native=True, endings=PEFT),
            )
        if base in ("anima", "cosmos-predict2-2b"):
            yield (
                f"{base}-net{tag}",
                made("comfy-dotted", "net.", is_native=True, endings=PEFT),
            )


def _special() -> Iterator[tuple[str, Recipe]]:
    clip, giant, t5 = networks.clip_l(), networks.clip_g(), networks.t5()
    yield (
        "flux1-kohya-te",
        Recipe("flux1", "kohya", "lora_unet_", True, True, keep=blocks, text={"lora_te1_": clip}),
    )
    yield (
        "flux1-kohya-te-t5",
        Recipe(
            "flux1",
            "kohya",
            "lora_unet_",
            True,
            True,
            keep=blocks,
            text={"lora_te1_": clip, "lora_te3_": t5},
        ),
    )
    yield (
        "flux1-onetrainer-te",
        Recipe(
            "flux1",
            "onetrainer-kohya",
            "lora_transformer_",
            True,
            keep=blocks,
            text={"lora_te1_": clip, "lora_te2_": t5},
        ),
    )
    yield (
        "flux1-peft-te",
        Recipe(
            "flux1",
            "diffusers-peft",
            "transformer.",
            endings=PEFT,
            keep=attention,
            text={"text_encoder.": clip},
        ),
    )
    yield "flux1-peft-ends", Recipe("flux1", "diffusers-peft", "transformer.", endings=PEFT)
    yield "flux1-native-ends", Recipe("flux1", "bfl-dotted", "", is_native=True, endings=PEFT)
    yield (
        "flux1-comfy-te",
        Recipe(
            "flux1",
            "comfy-dotted",
            "diffusion_model.",
            is_native=True,
            endings=PEFT_ALPHA,
            keep=blocks,
            text={"text_encoders.clip_l.transformer.": clip},
        ),
    )
    yield (
        "chroma-kohya-te",
        Recipe(
            "chroma",
            "kohya",
            "lora_unet_",
            True,
            True,
            keep=blocks,
            text={"lora_te3_": t5},
            is_decidable=False,
        ),
    )
    yield (
        "chroma-all",
        Recipe("chroma", "comfy-dotted", "diffusion_model.", is_native=True, endings=PEFT),
    )
    for base, sure in (("sd3-medium", True), ("sd35-large", True)):
        yield (
            f"{base}-kohya-te",
            Recipe(
                base,
                "kohya",
                "lora_unet_",
                True,
                True,
                keep=blocks,
                text={"lora_te1_": clip, "lora_te2_": giant},
                is_decidable=sure,
            ),
        )
        yield (
            f"{base}-onetrainer-te",
            Recipe(
                base,
                "onetrainer-kohya",
                "lora_transformer_",
                True,
                keep=blocks,
                text={"lora_te1_": clip, "lora_te2_": giant, "lora_te3_": t5},
                is_decidable=sure,
            ),
        )
    yield (
        "anima-kohya-te",
        Recipe(
            "anima",
            "kohya",
            "lora_unet_",
            True,
            True,
            keep=blocks,
            text={"lora_te_": networks.qwen3_small()},
        ),
    )
    yield "wan-14b-fun", Recipe("wan-14b", "kohya", "lora_unet__", True, True, keep=blocks)


def xlabs(rng: random.Random) -> Made:
    """XLabs' processors, of the double blocks of FLUX.1."""
    rank = rng.choice([16, 32])
    tensors: Tensors = {}
    for block in range(19):
        for side in "12":
            for kind, outputs in (("qkv", 9216), ("proj", 3072)):
                name = f"double_blocks.{block}.processor.{kind}_lora{side}"
                tensors[f"{name}.down.weight"] = ("BF16", (rank, 3072))
                tensors[f"{name}.up.weight"] = ("BF16", (outputs, rank))
    truth = Truth("flux1", "xlabs", "lora", rank, float(rank), is_undecidable=True)
    return Made("flux1-xlabs", tensors, {}, truth)


def control(rng: random.Random) -> Made:
    """Black Forest Labs' control LoRA: all layers with biases, a wide input, norms set."""
    rank = rng.choice([64, 128])
    tensors: Tensors = {}
    layers = networks.native("flux1", networks.denoiser("flux1"))
    for path, (inputs, outputs, _) in layers.items():
        wide = 128 if path == "img_in" else inputs
        own = min(rank, 64) if path == "img_in" else rank
        tensors[f"{path}.lora_A.weight"] = ("BF16", (own, wide))
        tensors[f"{path}.lora_B.weight"] = ("BF16", (outputs, own))
        tensors[f"{path}.lora_B.bias"] = ("BF16", (outputs,))
    for block in range(38):
        for norm in ("query_norm", "key_norm"):
            tensors[f"single_blocks.{block}.norm.{norm}.scale"] = ("BF16", (128,))
    return Made(
        "flux1-control", tensors, {}, Truth("flux1", "bfl-control", "lora", rank, float(rank))
    )


def nunchaku(rng: random.Random) -> Made:
    """Factors packed for four-bit kernels."""
    tensors: Tensors = {}
    for block in range(19):
        path = f"transformer_blocks.{block}"
        for name, inputs, outputs in (
            ("mlp_fc1", 3072, 12288),
            ("mlp_fc2", 12288, 3072),
            ("mlp_context_fc1", 3072, 12288),
            ("qkv_proj", 3072, 9216),
            ("out_proj", 3072, 3072),
        ):
            tensors[f"{path}.{name}.lora_down"] = ("BF16", (inputs, 16))
            tensors[f"{path}.{name}.lora_up"] = ("BF16", (outputs, 16))
    return Made("flux1-nunchaku", tensors, {}, Truth("flux1", "nunchaku", "lora", 16, 16.0))


def processors(made: Made) -> Made:
    """Rename `attn1.to_q.down` to `attn1.processor.to_q_lora.down.weight`."""
    tensors: Tensors = {}
    for key, value in made.tensors.items():
        name, _, part = key.rpartition(".")
        head, _, last = name.removesuffix(".0").rpartition(".")
        tensors[f"{head}.processor.{last}_lora.{part}.weight"] = value
    return Made(made.name, tensors, made.metadata, made.truth, made.scalars)


def all_made(seed: int, repeats: int = 1) -> Iterator[Made]:
    """Every layout, `repeats` times with other ranks, alphas, types and metadata."""
    rng = random.Random(seed)
    for number in range(repeats):
        for name, recipe in recipes():
            dtype = rng.choice(["F16", "BF16", "F32", "F16", "BF16", "F8_E4M3"])
            made = write(recipe, f"{name}-{number}", rng, dtype)
            yield processors(made) if "processor" in recipe.format else made
        for special in (xlabs, control, nunchaku):
            yield special(rng)
