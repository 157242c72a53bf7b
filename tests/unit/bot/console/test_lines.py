"""Where typed lines come from."""

import io

from bot.console.lines import Reader, Script, from_stream


async def test_a_script_ends_after_its_last_line() -> None:
    script = Script(["one", "two"])
    assert [await script.next() for _ in range(3)] == ["one", "two", None]


async def test_a_stream_gives_its_lines_without_their_ends() -> None:
    lines = from_stream(io.StringIO("one\n\ntwo"))
    assert not lines.is_typed
    assert [await lines.next() for _ in range(4)] == ["one", "", "two", None]


async def test_leaving_the_keyboard_ends_the_lines() -> None:
    def gone() -> str:
        raise EOFError

    assert await Reader(gone, is_typed=True).next() is None
