"""Samplers are known by the names that people, other programs and libraries use."""

import pytest

from engine.errors import BadRequest
from engine.families import FAMILIES
from engine.families.samplers import FLOW, NOISE, chosen, sampler_named


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("DPM++ 2M Karras", "DPM++ 2M Karras"),
        ("dpm++ 2m, schedule type: karras", "DPM++ 2M Karras"),
        ("dpmpp_2m_karras", "DPM++ 2M Karras"),
        ("k_dpmpp_2m", "DPM++ 2M"),
        ("DPM++ SDE Karras", "DPM++ SDE Karras"),
        ("dpmpp_2m_sde", "DPM++ 2M SDE"),
        ("k_euler_ancestral", "Euler a"),
        ("euler a", "Euler a"),
        ("Euler Ancestral", "Euler a"),
        ("EulerDiscreteScheduler", "Euler"),
        ("uni_pc_bh2", "UniPC"),
        ("dpm_2_ancestral", "DPM2 a"),
        ("heun", "Heun"),
        ("ddim", "DDIM"),
        ("lcm karras", "LCM"),
        ("flow-euler", "Flow Euler"),
        ("warp drive", None),
    ],
)
def test_a_typed_name_is_understood(typed: str, meant: str | None) -> None:
    assert sampler_named(typed) == meant


def test_every_name_means_itself() -> None:
    assert all(sampler_named(name) == name for name in (*NOISE, *FLOW))


def test_a_name_means_its_flow_form_where_only_that_is_offered() -> None:
    assert chosen("euler", FLOW) == "Flow Euler"


def test_an_unknown_sampler_is_answered_with_those_that_work() -> None:
    with pytest.raises(BadRequest) as refused:
        chosen("warp drive", ("Euler", "DDIM"))
    assert refused.value.facts["valid"] == "Euler, DDIM"


def test_every_family_offers_samplers_that_there_are() -> None:
    for family in FAMILIES.all().values():
        assert set(family.schedulers) <= {*NOISE, *FLOW}
        assert len(set(family.schedulers)) == len(family.schedulers)
