"""LoRAs by link: from sites that the host allows, hop by hop, never from a private address."""

import asyncio
import ipaddress
import json
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import SecretStr
from yarl import URL

from engine.errors import BadRequest, TryAgain
from engine.registry.intake_steps import Fetched
from engine.registry.naming import one_line
from engine.registry.sites import Json, Offer, civitai_offer, huggingface_offer, refused
from engine.storage.blobs import BlobStore

MOST_HOPS = 6
MOST_JSON_BYTES = 8 << 20
CHUNK_BYTES = 1 << 20
QUIET_S = 60.0
AGENT = "Atelier"
GONE = frozenset({404, 410})
FORBIDDEN = frozenset({401, 403})
HTTPS_PORT = 443
REDIRECTS = frozenset({301, 302, 303, 307, 308})

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_CIVITAI = re.compile(
    r"^/(?:models/(?P<whole>\d+)"
    r"|api/download/models/(?P<version>\d+)"
    r"|model-versions/(?P<page>\d+)"
    r"|api/v1/model-versions/by-hash/(?P<hash>[0-9A-Fa-f]{8,64}))(?:/[^/]*)?/?$"
)
_HUGGING = re.compile(
    r"^/(?P<repo>[\w.-]+/[\w.-]+)(?:/(?:blob|resolve)/(?P<revision>[\w.-]+)/(?P<path>.+))?/?$"
)


@dataclass(frozen=True, slots=True)
class LinkRules:
    """Where files may come from, and how large and slow they may be."""

    hosts: tuple[str, ...]
    file_hosts: tuple[str, ...]
    cap_bytes: int
    timeout_s: float
    civitai_key: SecretStr | None = None
    huggingface_key: SecretStr | None = None


class Unreachable(TryAgain):
    """A site did not answer, or broke off. Facts: `host`."""

    code = "site_unreachable"


class Forbidden(OSError):
    """A name leads to an address that nothing here may ask."""


def is_public(address: Address) -> bool:
    """Whether an address is on the open internet: not this machine, its network or the cloud's."""
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    is_ours = address.is_multicast or address.is_reserved or not address.is_global
    return not is_ours and (mapped is None or is_public(mapped))


async def by_system(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


class LinkFetcher:
    """Implements `engine.registry.intake_steps.Fetcher`.

    `resolve`, `may_ask` and `scheme` are for tests, which have no internet: nothing that a host
    can set reaches them.
    """

    def __init__(
        self,
        blobs: BlobStore,
        rules: LinkRules,
        *,
        resolve: Resolve = by_system,
        may_ask: Callable[[Address], bool] = is_public,
        scheme: str = "https",
    ) -> None:
        self._blobs = blobs
        self._rules = rules
        self._resolve = resolve
        self._may_ask = may_ask
        self._scheme = scheme

    def check(self, url: str) -> str:
        """The link in its plain form; raises `BadRequest` naming the sites that would work."""
        allowed = ", ".join(self._rules.hosts) or "none: this host allows no links"
        valid = f"an https link to one of these sites: {allowed}"
        try:
            found = URL(url.strip())
        except ValueError as error:
            raise BadRequest(name="link", value=url[:80], valid=valid) from error
        if not self._is_allowed(found, self._rules.hosts):
            raise BadRequest(name="link", value=url[:80], valid=valid)
        return str(found.with_fragment(None))

    async def fetch(self, url: str) -> Fetched:
        """Look the page up and fetch its file into the store.

        Raises `BadLoraFile` with why not, `Unreachable` when trying again may help.
        """
        start = URL(self.check(url))
        try:
            async with asyncio.timeout(self._rules.timeout_s), self._session() as session:
                offer = await self._offer(session, start)
                return await self._take(session, offer)
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, Forbidden):
                why = f"{error.os_error}: files come from public sites only."
                raise refused(url, why) from error
            raise Unreachable(host=start.host) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable(host=start.host) from error

    # --- which file ---------------------------------------------------------------------------

    async def _offer(self, session: aiohttp.ClientSession, url: URL) -> Offer:
        host = url.host or ""
        if "civitai" in host:
            return await self._civitai(session, url)
        if "huggingface" in host:
            return await self._huggingface(session, url)
        name = url.path.rpartition("/")[2]
        if not name.endswith(".safetensors"):
            raise refused(str(url), "That link does not end in .safetensors.")
        about = {"id": name, "siblings": [{"rfilename": name}]}
        offer = huggingface_offer(about, name, str(url))
        facts = offer.facts.model_copy(update={"creator": ""})
        return Offer(str(url), offer.file_name, facts)

    async def _civitai(self, session: aiohttp.ClientSession, url: URL) -> Offer:
        found = _CIVITAI.match(url.path)
        if found is None:
            raise refused(str(url), "Link to the page of a LoRA there: /models/NUMBER.")
        api = url.origin() / "api/v1"
        about: Json = {}
        if found["hash"]:
            version = await self._json(session, api / "model-versions/by-hash" / found["hash"])
        else:
            number = found["version"] or found["page"] or url.query.get("modelVersionId", "")
            if found["whole"]:
                about = await self._json(session, api / "models" / found["whole"])
                listed = about.get("modelVersions")
                if not number and isinstance(listed, list) and listed:
                    number = str(listed[0].get("id", ""))
            if not number.isdigit():
                raise refused(str(url), "That page has no published version.")
            version = await self._json(session, api / "model-versions" / number)
        whole = version.get("modelId")
        if not about and isinstance(whole, int):
            about = await self._json(session, api / "models" / str(whole))
        page = str(url.origin() / "models" / str(whole or found["whole"] or "").strip())
        offer = civitai_offer(version, about, page)
        offered = urljoin(str(url), offer.url)
        return Offer(offered, offer.file_name, offer.facts, offer.sha256)

    async def _huggingface(self, session: aiohttp.ClientSession, url: URL) -> Offer:
        found = _HUGGING.match(url.path)
        if found is None:
            raise refused(str(url), "Link to a repository there, or to one of its files.")
        about = await self._json(session, url.origin() / "api/models" / found["repo"])
        page = f"{url.origin()}/{found['repo']}"
        offer = huggingface_offer(about, found["path"], page)
        names = [each.get("rfilename") for each in about.get("siblings", [])]
        path = found["path"] or next(n for n in names if str(n).endswith(".safetensors"))
        revision = found["revision"] or "main"
        file = f"{page}/resolve/{quote(revision, safe='')}/{quote(str(path))}"
        return Offer(file, offer.file_name, offer.facts)

    async def _json(self, session: aiohttp.ClientSession, url: URL) -> dict[str, Any]:
        async with self._get(session, url) as response:
            told = await response.content.read(MOST_JSON_BYTES + 1)
            while len(told) <= MOST_JSON_BYTES and not response.content.at_eof():
                told += await response.content.read(MOST_JSON_BYTES + 1 - len(told))
        try:
            found = json.loads(told) if len(told) <= MOST_JSON_BYTES else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Unreachable(host=url.host)
        return found

    # --- its bytes ----------------------------------------------------------------------------

    async def _take(self, session: aiohttp.ClientSession, offer: Offer) -> Fetched:
        async with self._get(session, URL(offer.url)) as response:
            if (response.content_length or 0) > self._rules.cap_bytes:
                raise refused(offer.file_name, self._too_large)
            try:
                blob = await self._blobs.put(_chunks(response), self._rules.cap_bytes)
            except BadRequest as error:
                raise refused(offer.file_name, self._too_large) from error
        if offer.sha256 and blob.sha256 != offer.sha256:
            raise refused(offer.file_name, "What came is not the file that its page describes.")
        return Fetched(
            sha256=blob.sha256,
            size_bytes=blob.size_bytes,
            file_name=offer.file_name,
            facts=offer.facts,
        )

    @property
    def _too_large(self) -> str:
        return f"It is larger than {self._rules.cap_bytes / (1 << 20):.0f} MiB."

    @asynccontextmanager
    async def _get(
        self, session: aiohttp.ClientSession, url: URL
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer at the end of its redirects, each of them checked."""
        for hop in range(MOST_HOPS):
            hosts = self._rules.hosts if hop == 0 else self._rules.hosts + self._rules.file_hosts
            if not self._is_allowed(url, hosts):
                raise refused(str(url), f"It leads to {one_line(str(url.host), 80)}, "
                              "which this host does not allow.")  # fmt: skip
            async with session.get(url, headers=self._keys(url), allow_redirects=False) as response:
                if response.status not in REDIRECTS:
                    self._check_status(response)
                    yield response
                    return
                url = URL(urljoin(str(url), response.headers.get("Location", "")))
        raise refused(str(url), "It leads on and on.")

    def _check_status(self, response: aiohttp.ClientResponse) -> None:
        host = response.url.host
        if response.status in FORBIDDEN:
            raise refused(str(response.url), f"{host} gives it only to who is signed in: the host "
                          "of this bot can set a key, or send the file itself.")  # fmt: skip
        if response.status in GONE:
            raise refused(str(response.url), f"{host} has nothing at that link.")
        if not response.ok:
            raise Unreachable(host=host, status=response.status)

    def _keys(self, url: URL) -> dict[str, str]:
        """A key goes to its own site only, never along with a redirect."""
        host = url.host or ""
        key = None
        if host in self._rules.hosts:
            key = self._rules.civitai_key if "civitai" in host else None
            key = self._rules.huggingface_key if "huggingface" in host else key
        return {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}

    # --- where to -----------------------------------------------------------------------------

    def _is_allowed(self, url: URL, hosts: tuple[str, ...]) -> bool:
        host = (url.host or "").casefold()
        is_plain = self._scheme == "https" and url.port != HTTPS_PORT
        if url.scheme != self._scheme or is_plain or url.user or not host:
            return False
        return not _is_address(host) and any(fnmatchcase(host, each) for each in hosts)

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(resolver=_Pinned(self), use_dns_cache=False, limit=4)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=QUIET_S)
        return aiohttp.ClientSession(
            connector=connector, timeout=timeout, trust_env=False, headers={"User-Agent": AGENT}
        )

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a name, all of them public; raises `Forbidden`."""
        found = list(dict.fromkeys(await self._resolve(host, port)))
        for each in found:
            if not self._may_ask(ipaddress.ip_address(each.partition("%")[0])):
                raise Forbidden(f"{host} is an address inside a network")
        return found


class _Pinned(AbstractResolver):
    """What was checked is what is connected to: a name is resolved once for each connection."""

    def __init__(self, fetcher: LinkFetcher) -> None:
        self._fetcher = fetcher

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self._fetcher.addresses(host, port)
        ]

    async def close(self) -> None:
        """Nothing is held."""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        yield chunk
