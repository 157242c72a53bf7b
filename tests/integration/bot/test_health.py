"""The web server as a load balancer, Prometheus and a host meet it, on real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.errors import BadSettings, PortTaken
from bot.health import HttpServer, Probe, health_app
from bot.metrics import Metrics
from bot.settings import HttpSettings
from engine.api import Check
from engine.errors import StoreBusy

WELL = Check("database", True, "answers")
FREE = HttpSettings(port=0)


def says(*checks: Check) -> Probe:
    async def probe() -> tuple[Check, ...]:
        return checks

    return probe


async def hangs() -> tuple[Check, ...]:
    await asyncio.Event().wait()
    raise AssertionError


async def crashes() -> tuple[Check, ...]:
    raise ConnectionError("postgresql://atelier:hush@db")


async def is_busy() -> tuple[Check, ...]:
    raise StoreBusy(waited_s=5)


@asynccontextmanager
async def serving(metrics: Metrics | None = None, **probes: Probe) -> AsyncIterator[str]:
    server = HttpServer(health_app(probes, metrics or Metrics(), timeout_s=0.2), FREE)
    url = await server.start()
    try:
        yield url
    finally:
        await server.stop()


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def get_json(url: str) -> tuple[int, dict[str, dict[str, dict[str, object]]]]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.json()


async def test_alive_even_when_nothing_is_ready() -> None:
    async with serving(engine=crashes) as url:
        assert (await get(f"{url}/healthz"))[0] == 200


async def test_ready_when_every_check_is_well() -> None:
    async with serving(engine=says(WELL, Check("blobs", True, "writable"))) as url:
        status, body = await get_json(f"{url}/readyz")
    assert status == 200
    assert body["checks"]["blobs"] == {"ok": True, "detail": "writable", "cure": ""}


async def test_not_ready_names_the_part_and_its_cure() -> None:
    bad = Check("workers", False, "none is up", "look at `atelier doctor`")
    async with serving(engine=says(WELL, bad)) as url:
        status, body = await get_json(f"{url}/readyz")
    assert status == 503
    assert body["checks"]["database"]["ok"] is True
    assert body["checks"]["workers"]["cure"] == "look at `atelier doctor`"


@pytest.mark.parametrize(
    ("probe", "told"),
    [(hangs, "no answer in 0.2 s"), (crashes, "ConnectionError"), (is_busy, "store_busy")],
)
async def test_probe_that_fails_is_not_ready_and_tells_no_secret(
    probe: Callable[[], Awaitable[tuple[Check, ...]]], told: str
) -> None:
    async with serving(engine=says(WELL), other=probe) as url:
        status, body = await get_json(f"{url}/readyz")
    assert status == 503
    assert body["checks"]["database"]["ok"] is True
    assert told in str(body["checks"]["other"]["detail"])
    assert "hush" not in str(body)


async def test_prometheus_gets_the_numbers_of_this_bot() -> None:
    metrics = Metrics()
    metrics.drew(3)
    async with serving(metrics) as url:
        status, text = await get(f"{url}/metrics")
    assert status == 200
    assert "atelier_pictures_total 3.0" in text


async def test_port_taken_names_the_port_and_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = HttpServer(health_app({}, Metrics()), HttpSettings(port=port))
        with pytest.raises(PortTaken, match=f"Port {port} .* ATELIER_HTTP__PORT={port + 1}"):
            await server.start()


async def test_address_of_another_machine_is_refused_in_words() -> None:
    server = HttpServer(health_app({}, Metrics()), HttpSettings(host="192.0.2.1"))
    with pytest.raises(BadSettings, match=r"192\.0\.2\.1:8765 can't be used"):
        await server.start()


async def test_port_is_free_again_after_stop() -> None:
    async with serving() as url:
        port = int(url.rsplit(":", 1)[1])
    server = HttpServer(health_app({}, Metrics()), HttpSettings(port=port))
    assert await server.start() == url
    await server.stop()
