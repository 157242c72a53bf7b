"""Repositories of a hub: asked about, downloaded in pieces, kept at one commit, deleted again.

Nothing is downloaded without being asked for. Files are fetched one by one by huggingface_hub,
which goes on where an earlier try ended; only safetensors, settings and tokenizers are taken.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import httpx
from huggingface_hub import HfApi, hf_hub_download, scan_cache_dir
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from pydantic import SecretStr
from tqdm import tqdm

from engine.bases.looking import INDEX, PICKLES, pickle_refused
from engine.bases.shelf import Fetched, Offer, Tick, free_bytes, silent
from engine.errors import BadBase, DiskFull, TryAgain
from engine.threads import in_thread

SMALL: Final = (".json", ".txt", ".model")
"""Settings and tokenizers."""
PART_FOLDERS: Final = (
    "scheduler", "text_encoder", "text_encoder_2", "text_encoder_3", "text_encoder_4",
    "tokenizer", "tokenizer_2", "tokenizer_3", "tokenizer_4", "transformer", "unet", "vae",
)  # fmt: skip
ROOM: Final = 1.05
"""How much more than the download the disk has to have."""


class HubUnreachable(TryAgain):
    """The hub did not answer. Facts: `host`."""

    code = "hub_unreachable"


@dataclass(frozen=True, slots=True)
class HubRepos:
    """Repositories in a cache folder of ours, in the hub library's own layout."""

    folder: Path
    token: SecretStr | None = None
    endpoint: str | None = None
    """Another hub; None is what the environment's HF_ENDPOINT says."""

    async def offer(
        self, repository: str, revision: str = "", variant: str = "", file: str = ""
    ) -> Offer:
        """Which files of a repository a base needs, at which commit; downloads nothing.

        Raises `BadBase` when there is no such repository or it has pickles alone.
        """
        info = await in_thread(self._asked, repository, lambda api: api.model_info(
            repository, revision=revision or None, files_metadata=True, token=self._token,
        ))  # fmt: skip
        sizes = {each.rfilename: each.size or 0 for each in info.siblings or ()}
        names, used = (
            (_one_file(repository, sizes, file), "")
            if file
            else chosen_files(repository, sizes, variant)
        )
        return Offer(repository, str(info.sha), {name: sizes[name] for name in names}, used)

    async def fetch(self, offer: Offer, tick: Tick = silent) -> Fetched:
        """Download what was offered; an earlier try is gone on with. Raises `DiskFull`."""
        there = await in_thread(free_bytes, self.folder)
        if there < offer.size_bytes * ROOM and not await in_thread(self._is_here, offer):
            raise DiskFull(folder=str(self.folder), free_bytes=there)
        root = self.folder
        done = 0
        for name, size in offer.files.items():
            counted = _Counted(tick, name, done, offer.size_bytes)
            path = await in_thread(self._file, offer, name, counted)
            root = path.parents[len(PurePosixPath(name).parts) - 1]
            done += size
            tick(name, done, offer.size_bytes)
        only = next(iter(offer.files)) if len(offer.files) == 1 else ""
        return Fetched(root / only, f"hub:{offer.repository}", offer.revision)

    async def forget(self, source: str, revision: str) -> int:
        """Delete a downloaded revision; what other revisions share stays."""
        return await in_thread(self._forget, source.removeprefix("hub:"), revision)

    def _forget(self, repository: str, revision: str) -> int:
        if not self.folder.is_dir():
            return 0
        kept = {
            found.commit_hash
            for repo in scan_cache_dir(self.folder).repos
            if repo.repo_id == repository
            for found in repo.revisions
        }
        if revision not in kept:
            return 0
        plan = scan_cache_dir(self.folder).delete_revisions(revision)
        plan.execute()
        return plan.expected_freed_size

    def _is_here(self, offer: Offer) -> bool:
        snapshot = self.folder / f"models--{offer.repository.replace('/', '--')}" / "snapshots"
        return all((snapshot / offer.revision / name).exists() for name in offer.files)

    def _file(self, offer: Offer, name: str, counted: "_Counted") -> Path:
        def download(_api: HfApi) -> str:
            return hf_hub_download(
                offer.repository,
                name,
                revision=offer.revision,
                cache_dir=self.folder,
                token=self._token,
                endpoint=self.endpoint,
                tqdm_class=counted.bar_class(),
            )

        self.folder.mkdir(parents=True, exist_ok=True)
        return Path(self._asked(offer.repository, download))

    @property
    def _token(self) -> str | bool:
        return self.token.get_secret_value() if self.token else False

    def _asked(self, repository: str, ask: Callable[[HfApi], Any]) -> Any:
        """Ask the hub; its errors become ours."""
        api = HfApi(endpoint=self.endpoint)
        try:
            return ask(api)
        except GatedRepoError as error:
            raise BadBase(
                base=repository,
                problem="its makers let nobody have it who has not agreed to their terms",
                cure="Agree on its page and set ATELIER_ENGINE__REGISTRY__HUGGINGFACE_KEY",
            ) from error
        except RevisionNotFoundError as error:
            raise BadBase(
                base=repository,
                problem="it has no such revision",
                cure="Name a branch, a tag or a commit that its page lists",
            ) from error
        except (RepositoryNotFoundError, EntryNotFoundError) as error:
            if isinstance(error, LocalEntryNotFoundError):
                raise HubUnreachable(host=api.endpoint) from error
            raise BadBase(
                base=repository,
                problem="the hub has no such repository, or it is private",
                cure="Check its name; for a private one set "
                "ATELIER_ENGINE__REGISTRY__HUGGINGFACE_KEY",
            ) from error
        except (HfHubHTTPError, httpx.HTTPError, OSError) as error:
            if isinstance(error, OSError) and error.errno == 28:
                raise DiskFull(folder=str(self.folder), free_bytes=0) from error
            raise HubUnreachable(host=api.endpoint) from error


def chosen_files(
    repository: str, sizes: Mapping[str, int], variant: str = ""
) -> tuple[tuple[str, ...], str]:
    """Files of a pipeline's folders, weights of one variant as safetensors; raises `BadBase`."""
    if INDEX not in sizes:
        loose = [name for name in sizes if name.endswith((".safetensors", ".gguf"))]
        cure = f"Name one of its files: --file {loose[0]}" if loose else "Choose another one"
        if not loose and (bad := next((name for name in sizes if _is_pickle(name)), "")):
            raise pickle_refused(bad, repository)
        raise BadBase(base=repository, problem=f"it has no {INDEX}", cure=cure)
    names = [INDEX]
    used = ""
    for folder in sorted({name.partition("/")[0] for name in sizes} & set(PART_FOLDERS)):
        inside = [name for name in sizes if name.startswith(f"{folder}/") and _is_flat(name)]
        names += [name for name in inside if name.endswith(SMALL) and "index.json" not in name]
        weights, own = _weights(repository, folder, inside, variant)
        names += weights
        used = own if folder in ("unet", "transformer") else used
    return tuple(names), used


def _weights(
    repository: str, folder: str, inside: list[str], variant: str
) -> tuple[list[str], str]:
    tensors = [name for name in inside if name.endswith(".safetensors")]
    if not tensors:
        if bad := next((name for name in inside if _is_pickle(name)), ""):
            raise pickle_refused(bad, repository)
        return [], ""
    by_variant: dict[str, list[str]] = {}
    for name in tensors:
        by_variant.setdefault(_variant(name), []).append(name)
    used = variant if variant in by_variant else ("" if "" in by_variant else min(by_variant))
    indexes = [name for name in inside if name.endswith(".safetensors.index.json")]
    own = [name for name in indexes if _variant(name.removesuffix(".index.json")) == used]
    own += [name for name in indexes if f".index.{used}.json" in name]
    return by_variant[used] + own, used


def _variant(name: str) -> str:
    """`fp16` of `model.fp16.safetensors` and of `model.fp16-00001-of-00002.safetensors`."""
    stem = PurePosixPath(name).name.removesuffix(".safetensors")
    stem = re.sub(r"-\d{5}-of-\d{5}", "", stem)
    return stem.partition(".")[2]


def _one_file(repository: str, sizes: Mapping[str, int], file: str) -> tuple[str, ...]:
    if _is_pickle(file):
        raise pickle_refused(file, repository)
    if file not in sizes:
        near = ", ".join(name for name in sizes if name.endswith((".safetensors", ".gguf")))
        raise BadBase(
            base=repository, problem=f"it has no file {file}", cure=f"It has: {near or 'none'}"
        )
    return (file,)


def _is_flat(name: str) -> bool:
    return name.count("/") == 1


def _is_pickle(name: str) -> bool:
    return name.endswith(PICKLES)


@dataclass(slots=True)
class _Counted:
    """Passes a file's bytes on, as the hub's library counts them."""

    tick: Tick
    name: str
    before: int
    of: int

    def bar_class(self) -> type[Any]:
        """A progress bar that draws nothing and tells."""
        counted = self

        class Bar(tqdm):  # type: ignore[misc]  # untyped
            monitor_interval = 0
            """No thread that watches a bar nobody sees."""

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                kwargs.pop("name", None)
                super().__init__(*args, **{**kwargs, "disable": True})
                self.told = int(kwargs.get("initial") or 0)

            def update(self, n: float | None = 1) -> bool | None:
                self.told += int(n or 0)
                counted.tick(counted.name, counted.before + self.told, counted.of)
                return None

        return Bar
