"""A hub on this machine: answers as Hugging Face's does, in pieces, and breaks off when told."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

NAME = "ada/tiny"
FIRST, SECOND = "1" * 40, "2" * 40


@dataclass
class Hub:
    """Files by commit, and what it was asked for."""

    commits: dict[str, dict[str, bytes]]
    branches: dict[str, str] = field(default_factory=lambda: {"main": FIRST})
    url: str = ""
    fetched: list[str] = field(default_factory=list)
    """Commit and name of each file whose bytes were sent."""
    ranges: list[str] = field(default_factory=list)
    cut: dict[str, int] = field(default_factory=dict)
    """File -> after so many bytes its next download breaks off."""

    async def about(self, request: web.Request) -> web.Response:
        asked = request.match_info.get("revision", "main")
        commit = self.branches.get(asked, asked)
        if request.match_info["name"] != NAME.partition("/")[2]:
            return _missing("RepoNotFound")
        if commit not in self.commits:
            return _missing("RevisionNotFound")
        files = [
            {"rfilename": name, "size": len(data)} for name, data in self.commits[commit].items()
        ]
        return web.json_response({"id": NAME, "modelId": NAME, "sha": commit, "siblings": files})

    async def file(self, request: web.Request) -> web.StreamResponse:
        commit, name = request.match_info["revision"], request.match_info["path"]
        data = self.commits.get(self.branches.get(commit, commit), {}).get(name)
        if data is None:
            return _missing("EntryNotFound")
        headers = {
            "ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": commit,
            "Accept-Ranges": "bytes",
        }  # fmt: skip
        if request.method == "HEAD":
            return web.Response(headers={**headers, "Content-Length": str(len(data))})
        self.fetched.append(f"{commit[0]} {name}")
        start = 0
        if "Range" in request.headers:
            self.ranges.append(request.headers["Range"])
            start = int(request.headers["Range"].removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        status = 206 if start else 200
        response = web.StreamResponse(status=status, headers=headers)
        response.content_length = len(data) - start
        await response.prepare(request)
        after = self.cut.pop(name, None)
        await response.write(data[start:] if after is None else data[start : start + after])
        if after is not None and request.transport is not None:
            request.transport.close()
        return response


def _missing(code: str) -> web.Response:
    return web.Response(status=404, headers={"X-Error-Code": code, "X-Error-Message": "none"})


@asynccontextmanager
async def open_hub(commits: dict[str, dict[str, bytes]]) -> AsyncIterator[Hub]:
    """The hub, on this machine."""
    hub = Hub(commits)
    app = web.Application()
    app.add_routes(
        [
            web.get("/api/models/{owner}/{name}/revision/{revision}", hub.about),
            web.get("/api/models/{owner}/{name}", hub.about),
            web.get("/{owner}/{name}/resolve/{revision}/{path:.+}", hub.file),
        ]
    )
    server = TestServer(app)
    await server.start_server()
    hub.url = str(server.make_url("")).rstrip("/")
    try:
        yield hub
    finally:
        await server.close()
