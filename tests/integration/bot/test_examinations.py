"""The doctor at the door: a port that is free, taken by another, or by ourselves."""

import socket

import pytest

from bot.examinations import port_free
from bot.health import HttpServer, health_app
from bot.metrics import Metrics
from bot.settings import HttpSettings


async def test_free_port_is_well_and_stays_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    for _ in range(2):
        assert (await port_free(HttpSettings(port=port))).verdict == "ok"


async def test_port_of_another_program_is_bad() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as other:
        port = other.getsockname()[1]
        finding = await port_free(HttpSettings(port=port), patience_s=0.2)
    assert finding.verdict == "bad"
    assert "ATELIER_HTTP__PORT" in finding.cure


async def test_port_of_a_running_atelier_is_well() -> None:
    server = HttpServer(health_app({}, Metrics()), HttpSettings(port=0))
    url = await server.start()
    finding = await port_free(HttpSettings(port=int(url.rsplit(":", 1)[1])))
    await server.stop()
    assert finding.verdict == "ok"
    assert "running" in finding.detail


@pytest.mark.parametrize("host", ["192.0.2.1"])
async def test_address_of_another_machine_is_bad(host: str) -> None:
    assert (await port_free(HttpSettings(host=host))).verdict == "bad"
