"""A server on this machine that answers as Civitai and Hugging Face do, and as attackers would."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Sites:
    """What it serves, and what it was asked."""

    data: bytes
    port: int = 0
    model: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Host, path and the key that came along."""

    def url(self, host: str, path: str) -> str:
        return f"http://{host}:{self.port}{path}"

    # --- Civitai ------------------------------------------------------------------------------

    async def whole(self, request: web.Request) -> web.Response:
        self._note(request)
        about = {
            "id": 7, "name": "Neon <b>Night</b>", "type": "LORA", "nsfw": False, "poi": False,
            "tags": ["neon", "night"], "creator": {"username": "ada"}, "allowNoCredit": False,
            "allowCommercialUse": ["Image"], "allowDerivatives": True,
            "modelVersions": [{"id": 70}],
        }  # fmt: skip
        return web.json_response({**about, **self.model})

    async def version(self, request: web.Request) -> web.Response:
        self._note(request)
        file = {
            "name": "neon.safetensors", "type": "Model", "primary": True,
            "hashes": {"SHA256": sha256(self.data).hexdigest().upper()},
            "downloadUrl": "/api/download/models/70",
        }  # fmt: skip
        return web.json_response(
            {
                "id": 70, "modelId": 7, "name": "v1", "baseModel": "SDXL 1.0",
                "trainedWords": ["neonglow style"], "description": "<p>Glows &amp; shines</p>",
                "model": {"name": "Neon", "type": "LORA", "nsfw": False, "poi": False},
                "files": self.model.get("files", [file]),
            }
        )  # fmt: skip

    async def download(self, request: web.Request) -> web.Response:
        self._note(request)
        raise web.HTTPFound(self.model.get("location", self.url("cdn.test", "/neon")))

    # --- Hugging Face -------------------------------------------------------------------------

    async def repo(self, request: web.Request) -> web.Response:
        self._note(request)
        files = self.model.get("siblings", ["README.md", "neon.safetensors"])
        return web.json_response(
            {
                "id": "ada/neon", "author": "ada", "tags": ["lora"],
                "cardData": {"license": "apache-2.0", "base_model": "a/base",
                             "instance_prompt": "neonglow style", "tags": ["lora", "neon"]},
                "siblings": [{"rfilename": name} for name in files],
            }
        )  # fmt: skip

    async def file(self, request: web.Request) -> web.Response:
        self._note(request)
        return web.Response(body=self.data)

    async def locked(self, request: web.Request) -> web.Response:
        raise web.HTTPUnauthorized

    async def loop(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(str(request.url))

    async def cut(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(self.data))})
        await response.prepare(request)
        await response.write(self.data[:1000])
        if request.transport is not None:
            request.transport.close()
        return response

    def _note(self, request: web.Request) -> None:
        key = request.headers.get("Authorization", "")
        self.asked.append((request.host.partition(":")[0], request.path, key))


@asynccontextmanager
async def open_sites(data: bytes) -> AsyncIterator[Sites]:
    """The server, on every host name that a test resolves to this machine."""
    sites = Sites(data)
    app = web.Application()
    app.add_routes(
        [
            web.get("/api/v1/models/{id}", sites.whole),
            web.get("/api/v1/model-versions/by-hash/{hash}", sites.version),
            web.get("/api/v1/model-versions/{id}", sites.version),
            web.get("/api/download/models/{id}", sites.download),
            web.get("/api/models/{owner}/{name}", sites.repo),
            web.get("/{owner}/{name}/resolve/{revision}/{path:.+}", sites.file),
            web.get("/neon", sites.file),
            web.get("/locked.safetensors", sites.locked),
            web.get("/loop.safetensors", sites.loop),
            web.get("/cut.safetensors", sites.cut),
            web.get("/plain.safetensors", sites.file),
        ]
    )
    server = TestServer(app)
    await server.start_server()
    sites.port = server.port or 0
    try:
        yield sites
    finally:
        await server.close()
