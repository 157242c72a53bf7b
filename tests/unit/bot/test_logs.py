"""What lines say, and what they never say."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import about, configure
from bot.settings import LogSettings

PROMPT = "a fox in the snow"
BOT_TOKEN = "123456789:" + "Ab1_-" * 7


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def out() -> io.StringIO:
    stream = io.StringIO()
    configure(LogSettings(), stream)
    return stream


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_its_event_name(out: io.StringIO) -> None:
    structlog.get_logger("engine.dispatch").info("job.leased", worker="w1")
    (line,) = lines(out)
    assert line["event"] == "job.leased"
    assert line["worker"] == "w1"
    assert line["level"] == "info"
    assert line["logger"] == "engine.dispatch"
    assert str(line["timestamp"]).endswith("Z")
    assert list(line)[:3] == ["timestamp", "level", "event"]


def test_lines_carry_what_they_are_about(out: io.StringIO) -> None:
    log = structlog.get_logger("x")
    with about(job="j1", space="discord:1"):
        with about(person="p1"):
            log.info("inside")
        log.info("between")
    log.info("outside")
    inside, between, outside = lines(out)
    assert (inside["job"], inside["space"], inside["person"]) == ("j1", "discord:1", "p1")
    assert "person" not in between
    assert "job" not in outside


async def test_two_tasks_do_not_mix_what_they_are_about(out: io.StringIO) -> None:
    both_inside = asyncio.Barrier(2)

    async def work(job: str) -> None:
        with about(job=job):
            await both_inside.wait()
            structlog.get_logger("x").info("done", expected=job)

    await asyncio.gather(work("j1"), work("j2"))
    assert [line["job"] for line in lines(out)] == [line["expected"] for line in lines(out)]


def test_prompts_are_not_written_at_normal_level(out: io.StringIO) -> None:
    log = structlog.get_logger("x")
    log.info("job.asked", prompt=PROMPT, negative_prompt=PROMPT, facts={"prompt": PROMPT, "n": 1})
    log.error("job.failed", words=PROMPT)
    assert PROMPT not in out.getvalue()
    assert lines(out)[0]["facts"] == {"n": 1}


def test_prompts_can_be_seen_while_looking_for_a_fault() -> None:
    out = io.StringIO()
    configure(LogSettings(level="DEBUG"), out)
    structlog.get_logger("x").debug("job.asked", prompt=PROMPT, token="hush")
    assert PROMPT in out.getvalue()
    assert "hush" not in out.getvalue()


def test_debug_lines_are_left_out_at_normal_level(out: io.StringIO) -> None:
    structlog.get_logger("x").debug("step.done")
    assert out.getvalue() == ""


@pytest.mark.parametrize("key", ["token", "discord_token", "secret", "API_KEY", "Authorization"])
def test_secrets_are_never_written(key: str, out: io.StringIO) -> None:
    structlog.get_logger("x").error("platform.failed", **{key: "hush"}, headers={key: "hush"})
    assert "hush" not in out.getvalue()


def test_keys_that_only_sound_secret_stay(out: io.StringIO) -> None:
    structlog.get_logger("x").info("prompt.counted", tokens=77)
    assert lines(out)[0]["tokens"] == 77


def test_libraries_go_the_same_way(out: io.StringIO) -> None:
    logging.getLogger("discord").warning("Shard %s lost", 3, extra={"token": "hush"})
    (line,) = lines(out)
    assert line["event"] == "Shard 3 lost"
    assert line["logger"] == "discord"
    assert "hush" not in out.getvalue()


def test_libraries_that_write_tokens_in_addresses_are_quiet(out: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://host/bot%s/getMe", BOT_TOKEN)
    assert out.getvalue() == ""


def test_secrets_inside_a_traceback_are_hidden(out: io.StringIO) -> None:
    try:
        raise OSError(f"postgresql+asyncpg://atelier:hush@db/x and https://host/bot{BOT_TOKEN}/x")
    except OSError:
        structlog.get_logger("x").exception("platform.failed")
    (line,) = lines(out)
    assert "atelier:***@db" in str(line["exception"])
    assert "hush" not in out.getvalue()
    assert BOT_TOKEN not in out.getvalue()


def test_a_terminal_gets_words_instead_of_json() -> None:
    out = Terminal()
    configure(LogSettings(), out)
    structlog.get_logger("x").info("job.leased", worker="w1")
    assert "job.leased" in out.getvalue()
    with pytest.raises(json.JSONDecodeError):
        json.loads(out.getvalue())


def test_json_can_be_had_on_a_terminal() -> None:
    out = Terminal()
    configure(LogSettings(format="json"), out)
    structlog.get_logger("x").info("job.leased")
    assert lines(out)[0]["event"] == "job.leased"


def test_setting_up_twice_does_not_write_twice(out: io.StringIO) -> None:
    configure(LogSettings(), out)
    structlog.get_logger("x").info("job.leased")
    assert len(lines(out)) == 1
