"""What every LoRA format promises: exactly one claims each fixture, and reads it right."""

from pathlib import Path

import pytest

import engine.formats
from engine.families.known import layers_of
from engine.formats import FORMATS
from engine.formats.claim import Claim
from engine.formats.identify import identity_of, verdicts
from tests.stripped.headers import load, names, truth_of

# fixture: format, base, rank, layers by the file's own count, canonical modules
EXPECTED = {
    "sd1-kohya": ("kohya-diffusers-names", "sd1", 32, 264, 264),
    "sd1-kohya-locon": ("kohya-diffusers-names", "sd1", 8, 276, 276),
    "sd1-diffusers-dotlora": ("diffusers-dotlora", "sd1", 4, 128, 128),
    "sdxl-kohya": ("kohya-ldm-names", "sdxl", 16, 986, 986),
    "sdxl-diffusers-peft": ("diffusers-peft", "ambiguous:sdxl|kolors", 4, 560, 560),
    "sdxl-peft-base-model": ("peft-base_model", "ambiguous:sdxl|kolors", 4, 560, 560),
    "sdxl-peft-adapter-name": ("peft-base_model", "ambiguous:sdxl|kolors", 4, 560, 560),
    "sd3-medium-diffusers-peft": ("diffusers-peft", "sd3-medium", 16, 191, 191),
    "flux1-diffusers-peft": ("diffusers-peft", "flux1", 16, 342, 342),
    "flux1-kohya": ("kohya", "flux1", 16, 376, 566),
    "miniature-kohya": ("kohya-diffusers-names", "miniature", 8, 154, 154),
    "miniature-diffusers-peft": ("diffusers-peft", "miniature", 8, 154, 154),
}


MADE = {name: truth for name in names() if (truth := truth_of(name))}


def test_every_fixture_has_an_expectation() -> None:
    assert set(names()) == set(EXPECTED) | set(MADE)


def test_every_row_has_a_fixture() -> None:
    expected = {each[0] for each in EXPECTED.values()}
    assert expected | {str(truth["format"]) for truth in MADE.values()} == set(FORMATS)


@pytest.mark.parametrize("fixture", MADE)
def test_exactly_one_format_claims_a_made_file(fixture: str) -> None:
    assert list(verdicts(load(fixture))) == [MADE[fixture]["format"]]


@pytest.mark.parametrize("fixture", MADE)
def test_a_made_file_is_what_it_was_made_as(fixture: str) -> None:
    found, truth = identity_of(load(fixture)), MADE[fixture]
    assert (found.format, found.algorithm, found.rank) == (
        truth["format"],
        truth["algorithm"],
        truth["rank"],
    )
    if truth["is_undecidable"] and found.alternatives:
        assert truth["base"] in found.alternatives
    else:
        assert found.base == truth["base"]


def test_every_row_names_a_format_of_that_name() -> None:
    assert {name: row.name for name, row in FORMATS.all().items()} == {n: n for n in FORMATS}


def test_every_format_in_the_folder_has_a_row() -> None:
    folder = Path(engine.formats.__file__).parent
    files = {path.stem for path in folder.glob("*.py") if "(Format)" in path.read_text()}
    assert files == {row.partition(":")[0].rpartition(".")[2] for row in FORMATS.rows.values()}


@pytest.mark.parametrize("fixture", EXPECTED)
def test_exactly_one_format_claims_a_file(fixture: str) -> None:
    assert list(verdicts(load(fixture))) == [EXPECTED[fixture][0]]


@pytest.mark.parametrize("fixture", EXPECTED)
def test_a_file_is_identified(fixture: str) -> None:
    found = identity_of(load(fixture))
    got = (found.format, found.base, found.rank, found.layers, len(found.modules))
    assert got == EXPECTED[fixture]
    assert found.verdict == ("ask" if found.alternatives else "accept")


@pytest.mark.parametrize("fixture", EXPECTED)
def test_every_module_is_a_layer_of_the_base_with_its_widths(fixture: str) -> None:
    header = load(fixture)
    claim = verdicts(header)[EXPECTED[fixture][0]]
    assert isinstance(claim, Claim)
    layers = layers_of(claim.bases[0])
    for module in claim.modules:
        layer = layers[module.path]
        assert (module.inputs, module.outputs) == (layer.inputs, layer.outputs)
        assert module.kernel == layer.kernel
        assert header.tensors[module.down].shape[0] == module.rank
    assert len({module.path for module in claim.modules}) == len(claim.modules)


@pytest.mark.parametrize("fixture", EXPECTED)
def test_every_tensor_of_an_accepted_file_is_used(fixture: str) -> None:
    header = load(fixture)
    used: set[str] = set()
    for module in identity_of(header).modules:
        used |= {module.down, module.up}
        used |= {module.alpha} if isinstance(module.alpha, str) else set()
    assert used == set(header.tensors)
