"""pydantic-ai behind the port: scripted replies, retries on invalid output, errors told."""

import json

import pytest
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

from engine.director.language.agent import PydanticAi
from engine.errors import NoAnswer
from engine.settings import DirectorSettings

SETTINGS = DirectorSettings(reader="language-model", language_model="scripted")


def saying(*arguments: dict[str, object]) -> tuple[FunctionModel, list[int]]:
    """A language model that calls the form with these arguments, one after another."""
    calls: list[int] = []

    def reply(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        calls.append(len(messages))
        said = arguments[min(len(calls), len(arguments)) - 1]
        return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, json.dumps(said))])

    return FunctionModel(reply), calls


async def test_the_answer_comes_in_its_form() -> None:
    scripted, _ = saying({"kind": "generate", "prompt": "a fox"})

    answer = await PydanticAi(SETTINGS, scripted).understand("read", "a fox")

    assert (answer.understood.kind, answer.understood.prompt) == ("generate", "a fox")
    assert answer.tokens > 0


async def test_an_invalid_answer_is_asked_for_again() -> None:
    scripted, calls = saying({"kind": "paint"}, {"kind": "chat"})

    answer = await PydanticAi(SETTINGS, scripted).understand("read", "hi")

    assert answer.understood.kind == "chat"
    assert len(calls) == 2


async def test_answers_that_stay_invalid_are_no_answer() -> None:
    scripted, calls = saying({"kind": "paint"})

    with pytest.raises(NoAnswer):
        await PydanticAi(SETTINGS, scripted).understand("read", "hi")
    assert len(calls) == SETTINGS.retries + 1


async def test_a_server_that_refuses_is_no_answer() -> None:
    def refuse(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        raise ModelHTTPError(429, "scripted")

    with pytest.raises(NoAnswer):
        await PydanticAi(SETTINGS, FunctionModel(refuse)).understand("read", "hi")


async def test_any_valid_form_is_understood() -> None:
    answer = await PydanticAi(SETTINGS, TestModel()).understand("read", "hi")

    assert answer.understood.kind
