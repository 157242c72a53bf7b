"""Forms: at most five fields, and everything comes back."""

from bot.acts.editing import FormField, fields_of
from bot.discord import modals
from tests.emulators.discord.checker import Checker
from tests.emulators.discord.server import check_modal
from tests.fakes.jobs import job


def sent_back(modal: modals.Modal) -> dict[str, object]:
    """The form as a person sends it who changes nothing."""
    rows = [
        {
            "type": 18,
            "component": {
                "type": 4,
                "custom_id": each["component"]["custom_id"],
                "value": each["component"].get("value") or "",
            },
        }
        for each in modal.to_components()
    ]
    return {"custom_id": modal.custom_id, "components": rows}


def check(modal: modals.Modal) -> None:
    checker = Checker()
    checker.request("POST", "/interactions/1/t/callback", {"type": 9, "data": modal.to_dict()})
    assert checker.findings == []
    check_modal(modal.to_dict())


def test_a_plan_fits_into_five_fields_and_comes_back_whole() -> None:
    fields = fields_of(job("j1"))
    modal = modals.form("Edit", "edit:intent-1", fields)
    check(modal)
    assert modals.filled(sent_back(modal)) == {each.name: each.value for each in fields}


def test_a_short_form_has_a_field_for_each() -> None:
    fields = (FormField(name="reason", label="Why?", value="", kind="long"),)
    modal = modals.form("Zib", "form:intent-1", fields)
    check(modal)
    assert modals.filled(sent_back(modal)) == {"reason": ""}


def test_a_line_of_another_name_is_passed_on_to_be_refused() -> None:
    text = {"components": [{"component": {"custom_id": "settings", "value": "colour = red"}}]}
    assert modals.filled(text) == {"colour": "red"}


def test_the_other_forms_are_whole() -> None:
    check(modals.bring_form())
    check(modals.reference_form("1/2"))
