"""How commands end: exit codes and errors in words or JSON."""

import json

import pytest
import typer

from bot.cli.ending import run
from engine.errors import AtelierError, BadRequest, BaseBroken, LookDoesNotFit


async def fails(error: AtelierError) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "code"),
    [(BadRequest(name="size", value="9", valid="64x64"), 2), (BaseBroken(base="x"), 1)],
)
def test_a_persons_mistake_ends_with_2_and_ours_with_1(
    error: AtelierError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        run(fails(error))
    assert ended.value.exit_code == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Error: ")


def test_json_errors_hold_code_words_and_facts(capsys: pytest.CaptureFixture[str]) -> None:
    error = LookDoesNotFit(name="Zib", family="sdxl", base="miniature", fits=("sdxl",))
    with pytest.raises(typer.Exit):
        run(fails(error), as_json=True)
    told = json.loads(capsys.readouterr().err)["error"]
    assert told["code"] == "look_does_not_fit"
    assert "It would fit: sdxl." in told["message"]
    assert told["facts"]["fits"] == ["sdxl"]


async def side_by_side(*errors: Exception) -> None:
    """As platforms end that ran in one group of tasks."""
    raise ExceptionGroup("platforms", [ExceptionGroup("inner", errors)])


def test_a_mistake_that_ended_what_ran_side_by_side_is_told_like_any_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mistake = BadRequest(name="token", value="x", valid="a real one")
    with pytest.raises(typer.Exit) as ended:
        run(side_by_side(ValueError("beside"), mistake))
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err.startswith("Error: ")
    with pytest.raises(ExceptionGroup):
        run(side_by_side(ValueError("ours alone")))
