"""What every base-model family promises, whatever its facts are."""

from itertools import combinations
from pathlib import Path

import pytest

import engine.families
from engine.errors import BadRequest
from engine.families import FAMILIES
from engine.families.facts import Family
from engine.families.known import denoiser_part, fingerprints, layers_of, text_parts
from engine.families.layers import NativeLayer
from engine.families.lookalikes import LOOKALIKES
from engine.formats.naming import denoiser_names, names_of

NOT_FAMILIES = {
    "__init__", "distilled", "emphasis", "facts", "footprint", "known", "layers", "lookalikes",
    "samplers", "speed",
}  # fmt: skip


@pytest.fixture(params=list(FAMILIES))
def family(request: pytest.FixtureRequest) -> Family:
    return FAMILIES.get(request.param)


def test_every_file_of_facts_has_a_row() -> None:
    folder = Path(engine.families.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - NOT_FAMILIES
    rows = {row.partition(":")[0].rpartition(".")[2] for row in FAMILIES.rows.values()}
    assert files == rows


def test_a_family_is_called_as_its_row(family: Family) -> None:
    assert FAMILIES.get(family.name) is family


def test_every_offered_size_is_valid(family: Family) -> None:
    assert [family.check_size(size.width, size.height) for size in family.sizes] == list(
        family.sizes
    )


def test_a_size_that_cannot_work_is_answered_with_those_that_do(family: Family) -> None:
    with pytest.raises(BadRequest) as refusal:
        family.check_size(family.size.width + 1, family.size.height)
    assert f"{family.size.width}x{family.size.height}" in str(refusal.value.facts["valid"])


def test_defaults_are_within_their_own_limits(family: Family) -> None:
    low, high = family.guidance_range
    assert low <= family.guidance <= high
    assert 1 <= family.steps <= family.most_steps
    assert family.schedulers
    assert family.has_negative_prompt or not family.negative_prompt


def test_the_denoiser_is_the_part_that_its_layers_are_behind(family: Family) -> None:
    assert denoiser_part(family.name) == family.denoiser
    parts = {path.partition(".")[0] for path in layers_of(family.name)}
    assert parts == {family.denoiser, *text_parts(family.name)}


def test_no_two_bases_have_the_same_layers() -> None:
    assert all(layers_of(one) != layers_of(other) for one, other in combinations(fingerprints(), 2))


@pytest.mark.parametrize("base", fingerprints())
def test_underscored_names_are_never_ambiguous_within_a_base(base: str) -> None:
    meant: dict[tuple[str, str], NativeLayer] = {}
    for network, name, native in names_of(base):
        assert meant.setdefault((network, name.replace(".", "_")), native) == native, name


@pytest.mark.parametrize("base", fingerprints())
def test_every_layer_of_a_base_is_reached_by_a_name(base: str) -> None:
    reached = {piece.path for _, _, native in names_of(base) for piece in native.pieces}
    assert reached == set(layers_of(base))


@pytest.mark.parametrize("base", fingerprints())
def test_rows_of_a_fused_layer_cover_it_without_overlap(base: str) -> None:
    for native in denoiser_names(base).values():
        ranges = sorted(span for piece in native.pieces for span in piece.rows)
        if ranges:
            ends = [0, *(end for _, end in ranges)]
            assert [start for start, _ in ranges] == ends[:-1]
            assert ends[-1] == native.layer.outputs


def test_every_file_of_a_recognised_base_has_a_row() -> None:
    folder = Path(engine.families.__file__).parent / "recognised"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    rows = {row.partition(":")[0].rpartition(".")[2] for row in LOOKALIKES.rows.values()}
    assert files == rows


def test_a_base_that_yields_names_bases_that_there_are() -> None:
    for fingerprint in fingerprints().values():
        assert set(fingerprint.yields_to) <= set(fingerprints())
