"""What a browser says that it speaks."""

from aiohttp import web

from bot.texts import known

MOST = 20
"""Languages of a header that are looked at."""


def spoken(request: web.Request) -> str:
    """The language of a request; empty when it names none of ours."""
    return accepted(request.headers.get("Accept-Language", ""))


def accepted(header: str) -> str:
    """The first language of an `Accept-Language` that is one of ours, best first; may be empty."""
    asked: list[tuple[float, str]] = []
    for part in header.split(",")[:MOST]:
        code, _, rest = part.partition(";")
        quality = rest.strip().removeprefix("q=")
        try:
            asked.append((-float(quality or 1), code))
        except ValueError:
            continue
    asked.sort(key=lambda each: each[0])
    return next((locale for weight, code in asked if weight and (locale := known(code))), "")
