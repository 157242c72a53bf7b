"""Links: the shapes of two sites on a loopback server, and everything that must not be fetched."""

from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest
from pydantic import SecretStr

from engine.errors import BadLoraFile, BadRequest
from engine.registry.links import LinkFetcher, LinkRules, Unreachable, is_public
from engine.storage.blobs import FolderBlobs
from tests.fakes.sites import Sites, open_sites

NEON = (Path(__file__).parents[4] / "engine/miniature/loras/neon.safetensors").read_bytes()
HOSTS = ("civitai.test", "huggingface.test", "files.test")
RULES = LinkRules(HOSTS, ("cdn.test",), 1 << 24, 20.0, SecretStr("civ-key"), SecretStr("hf-key"))


@pytest.fixture
async def sites() -> AsyncIterator[Sites]:
    async with open_sites(NEON) as sites:
        yield sites


async def here(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


@pytest.fixture
def fetcher(blobs: FolderBlobs) -> LinkFetcher:
    return LinkFetcher(blobs, RULES, resolve=here, may_ask=lambda _: True, scheme="http")


@pytest.mark.parametrize(
    "path",
    [
        "/models/7",
        "/models/7/neon-night?modelVersionId=70",
        "/api/download/models/70",
        "/api/v1/model-versions/by-hash/0123456789ab",
    ],
)
async def test_civitai_gives_the_file_and_what_its_page_says(
    sites: Sites, fetcher: LinkFetcher, blobs: FolderBlobs, path: str
) -> None:
    found = await fetcher.fetch(sites.url("civitai.test", path))
    assert await blobs.read(found.sha256) == NEON
    facts = found.facts
    assert (facts.family, facts.creator, facts.rating) == ("sdxl", "ada", "general")
    assert [trigger.word for trigger in facts.triggers] == ["neonglow style"]
    assert facts.licence == "credit needed; commercial use: image; derivatives allowed"
    assert facts.tags == ("neon", "night")
    assert "<" not in facts.description
    assert facts.source.endswith("/models/7")


async def test_keys_go_to_their_own_site_only(sites: Sites, fetcher: LinkFetcher) -> None:
    await fetcher.fetch(sites.url("civitai.test", "/models/7"))
    await fetcher.fetch(sites.url("huggingface.test", "/ada/neon"))
    keys = {host: key for host, _, key in sites.asked}
    assert keys == {
        "civitai.test": "Bearer civ-key",
        "huggingface.test": "Bearer hf-key",
        "cdn.test": "",
    }


@pytest.mark.parametrize("path", ["/ada/neon", "/ada/neon/blob/main/neon.safetensors"])
async def test_hugging_face_gives_the_file_and_its_card(
    sites: Sites, fetcher: LinkFetcher, blobs: FolderBlobs, path: str
) -> None:
    found = await fetcher.fetch(sites.url("huggingface.test", path))
    assert await blobs.read(found.sha256) == NEON
    facts = found.facts
    assert (facts.name, facts.licence, facts.creator) == ("neon", "apache-2.0", "ada")
    assert [trigger.word for trigger in facts.triggers] == ["neonglow style"]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"type": "Checkpoint"}, "not a LoRA"),
        ({"files": [{"name": "x.pt", "type": "Model"}]}, "pickle only"),
        ({"nsfw": True, "minor": True}, "minor"),
        ({"location": "http://evil.test/neon"}, "does not allow"),
        ({"location": "http://127.0.0.1/neon"}, "does not allow"),
        ({"location": "file:///etc/passwd"}, "does not allow"),
    ],
)
async def test_what_a_page_may_not_give_is_refused_by_name(
    sites: Sites, fetcher: LinkFetcher, told: dict[str, object], why: str
) -> None:
    sites.model = told
    with pytest.raises(BadLoraFile) as refusal:
        await fetcher.fetch(sites.url("civitai.test", "/models/7"))
    assert why in str(refusal.value.facts["problems"])


async def test_a_repository_with_several_files_names_them(
    sites: Sites, fetcher: LinkFetcher
) -> None:
    sites.model = {"siblings": ["a.safetensors", "b.safetensors"]}
    with pytest.raises(BadLoraFile) as refusal:
        await fetcher.fetch(sites.url("huggingface.test", "/ada/neon"))
    assert "a.safetensors, b.safetensors" in str(refusal.value.facts["problems"])


@pytest.mark.parametrize(
    ("path", "why"), [("/locked", "key"), ("/loop", "on and on"), ("/none", "nothing")]
)
async def test_refusals_of_a_site_say_what_would_help(
    sites: Sites, fetcher: LinkFetcher, path: str, why: str
) -> None:
    with pytest.raises(BadLoraFile) as refusal:
        await fetcher.fetch(sites.url("files.test", f"{path}.safetensors"))
    assert why in str(refusal.value.facts["problems"])


async def test_a_cut_download_leaves_nothing_and_is_tried_again(
    sites: Sites, fetcher: LinkFetcher, blobs: FolderBlobs
) -> None:
    with pytest.raises(Unreachable):
        await fetcher.fetch(sites.url("files.test", "/cut.safetensors"))
    assert not [path for path in blobs.root.rglob("*") if path.is_file()]


async def test_what_is_too_large_is_refused(sites: Sites, blobs: FolderBlobs) -> None:
    rules = LinkRules(HOSTS, (), 1000, 20.0)
    small = LinkFetcher(blobs, rules, resolve=here, may_ask=lambda _: True, scheme="http")
    with pytest.raises(BadLoraFile):
        await small.fetch(sites.url("files.test", "/plain.safetensors"))


async def test_a_name_that_leads_inside_is_never_asked(sites: Sites, blobs: FolderBlobs) -> None:
    real = LinkFetcher(blobs, RULES, resolve=here, scheme="http")
    with pytest.raises(BadLoraFile) as refusal:
        await real.fetch(sites.url("files.test", "/plain.safetensors"))
    assert "inside a network" in str(refusal.value.facts["problems"])
    assert sites.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://civitai.com/models/1",
        "https://civitai.com.evil.org/models/1",
        "https://evil.org/civitai.com",
        "https://civitai.com:8443/models/1",
        "https://user:pass@civitai.com/models/1",
        "https://127.0.0.1/models/1",
        "https://[::1]/models/1",
        "file:///etc/passwd",
        "ftp://civitai.com/x",
        "not a link",
        "",
    ],
)
def test_other_links_are_refused_with_the_sites_that_work(blobs: FolderBlobs, url: str) -> None:
    fetcher = LinkFetcher(blobs, LinkRules(("civitai.com", "huggingface.co"), (), 1, 1))
    with pytest.raises(BadRequest) as refusal:
        fetcher.check(url)
    assert "civitai.com, huggingface.co" in str(refusal.value.facts["valid"])


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "::1",
     "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "224.0.0.1", "100.64.0.1",
     "2002:7f00:1::"],
)  # fmt: skip
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111"])
def test_open_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))
