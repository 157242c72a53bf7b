"""Adds bases, lists, pins and removes them; every base that serves came in through here."""

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from engine.bases.distilling import distilled
from engine.bases.looking import INDEX, Sight, look, read_json
from engine.bases.matching import Match, best, layers_in, matched
from engine.bases.parts import has_parts, write_parts
from engine.bases.single import OPTIONAL, lacking
from engine.bases.sources import parts_cure
from engine.errors import BadBase, BadRequest, NotFound
from engine.families import FAMILIES
from engine.families.facts import Family, Fingerprint
from engine.families.footprint import fit_for
from engine.families.known import fingerprints
from engine.messages import Base, BaseDtype, SpaceId
from engine.storage.bases import BaseStore
from engine.threads import in_thread

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}\Z")
REPOSITORY: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}\Z")
"""OWNER/NAME of a hub."""
CHUNK_BYTES: Final = 1 << 22
SUB_FAMILIES: Final = (
    ("noob", "noobai"), ("illustrious", "illustrious"), ("pony", "pony"),
    ("animagine", "animagine"),
)  # fmt: skip
Tick = Callable[[str, int, int], None]
"""Told what is being done, and how many bytes of how many are."""


def silent(_what: str, _done: int, _of: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants as a base."""

    path: Path = Path()
    name: str = ""
    family: str = ""
    """Said by the host; else read from the layers."""
    sub_family: str = ""
    distilled: str = ""
    """Said by the host: a kind of few-step base, or `no`; else told by what it shows."""
    variant: str = ""
    dtype: BaseDtype = "auto"
    prediction: str = ""
    """epsilon or v_prediction, where a checkpoint does not say it."""
    parts: str = ""
    """A base or folder with what a single file lacks: text encoders, autoencoder, tokenizers."""
    source: str = ""
    revision: str = ""

    @property
    def called(self) -> tuple[str, ...]:
        """What it is called, where it came from and here."""
        repository = self.source.rpartition("/")[2] if self.source.startswith("hub:") else ""
        return tuple(name for name in (repository, self.name) if name)

    def at(self, path: Path) -> "Wanted":
        """The same, found there."""
        return replace(self, path=path)

    def fetched(self, found: "Fetched", offer: "Offer") -> "Wanted":
        """The same, downloaded."""
        return replace(
            self,
            path=found.path,
            name=self.name or offer.repository.rpartition("/")[2],
            source=found.source,
            revision=found.revision,
            variant=offer.variant,
        )


@dataclass(frozen=True, slots=True)
class Added:
    """A base that was taken in, and what should be known of it."""

    base: Base
    serves: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A kept version, with who is served by it."""

    base: Base
    serves: bool
    spaces: tuple[SpaceId, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A repository on this machine, at a commit."""

    path: Path
    source: str
    revision: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What would be downloaded: shown before it is."""

    repository: str
    revision: str
    """The commit, whatever branch or tag was named."""
    files: Mapping[str, int]
    """Name -> bytes."""
    variant: str = ""

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(self.files.values())


class HubPort(Protocol):
    """Where repositories come from; `engine.bases.hub` is the real one."""

    async def offer(
        self, repository: str, revision: str = "", variant: str = "", file: str = ""
    ) -> Offer:
        """Which files a base needs, at which commit; downloads nothing. Raises `BadBase`."""
        ...

    async def fetch(self, offer: Offer, tick: Tick = silent) -> Fetched:
        """Download what was offered; an earlier try is gone on with. Raises `DiskFull`."""
        ...

    async def forget(self, source: str, revision: str) -> int:
        """Delete what was downloaded of a revision; returns the bytes that became free."""
        ...


HashOf = Callable[[tuple[Path, ...], Path, Tick], tuple[str, int]]
"""Files and their folder -> one hash, and their bytes."""


def hash_of(files: tuple[Path, ...], root: Path, tick: Tick = silent) -> tuple[str, int]:
    """One hash over all weights with their names, and their bytes."""
    total = sum(file.stat().st_size for file in files)
    whole, done = hashlib.sha256(), 0
    for file in files:
        own = hashlib.sha256()
        with file.open("rb") as content:
            while chunk := content.read(CHUNK_BYTES):
                own.update(chunk)
                done += len(chunk)
                tick("Reading", done, total)
        if files == (root,):
            return own.hexdigest(), total
        whole.update(f"{file.relative_to(root)}\0{own.hexdigest()}\n".encode())
    return whole.hexdigest(), total


@dataclass(frozen=True, slots=True)
class BaseShelf:
    """The bases of this installation."""

    bases: BaseStore
    folder: Path
    """Where what we write for bases is kept."""
    hub: HubPort
    families: Mapping[str, Family] = field(default_factory=FAMILIES.all)
    known: Mapping[str, Fingerprint] = field(default_factory=fingerprints)
    hash_of: HashOf = hash_of

    async def add(self, wanted: Wanted, tick: Tick = silent) -> Added:
        """Look at the files, tell the family, keep it as a version; raises `BadBase`.

        Nothing is copied or moved: the base is used where it is.
        """
        path = await in_thread(wanted.path.expanduser().resolve)
        sight = await in_thread(look, path, wanted.variant)
        if sight.packed:
            raise _packed(sight)
        family, notes = self._family(sight, wanted.family)
        folder = await self._folder_for(sight, family, wanted)
        notes += await in_thread(_check_parts, sight, family, folder)
        few = distilled(family, sight, wanted.called, wanted.distilled)
        sha256, size = await in_thread(self.hash_of, sight.files, path, tick)
        base = Base(
            name=_name(wanted.name or path.stem),
            family=family,
            folder=str(folder),
            file="" if sight.is_folder else str(path),
            variant=sight.variant,
            source=wanted.source or str(path),
            revision=wanted.revision,
            sha256=sha256,
            dtype=wanted.dtype,
            sub_family=wanted.sub_family or sub_family(sight.metadata),
            distilled=few.name,
            size_bytes=size,
        )
        known = await self.bases.versions(base.name)
        same = next((each for each in known if _is_same(each, base)), None)
        if same is not None:
            return Added(same, await self._serves(same), ("it was here already",))
        kept = await self.bases.add(base)
        told = (*notes, few.note) if few.note else notes
        return Added(kept, serves=not known, notes=told)

    async def list(self) -> tuple[Listed, ...]:
        """Every kept version, and whom it serves."""
        serving = {(base.name, base.version) for base in await self.bases.all()}
        pins = await self.bases.pins()
        return tuple(
            [
                Listed(
                    base,
                    (base.name, base.version) in serving,
                    tuple(space for space, *of in pins if tuple(of) == (base.name, base.version)),
                    await in_thread(problem_of, base),
                )
                for base in await self.bases.versions()
            ]
        )

    async def find(self, name: str, version: int | None = None) -> Base:
        """A kept version: the one named, else the one that serves; raises `NotFound`."""
        versions = await self.bases.versions(name)
        serving = await self.bases.get(name)
        wanted = version if version is not None else (serving.version if serving else None)
        for base in versions:
            if base.version == wanted:
                return base
        if versions:
            told = ", ".join(str(base.version) for base in versions)
            raise BadRequest(name="version", value=str(version), valid=f"for {name}: {told}")
        near = tuple({base.name for base in await self.bases.versions()})
        raise NotFound(what="base", name=name, near=near or None)

    async def pin(self, name: str, version: int, space: SpaceId | None = None) -> Base:
        """Serve a version from now on: everywhere, or in one space. Jobs that wait follow."""
        base = await self.find(name, version)
        problem = await in_thread(problem_of, base)
        if problem:
            raise BadBase(base=f"{name} {version}", problem=problem, cure="Add it again")
        await self.bases.pin(base, space)
        return base

    async def unpin(self, name: str, space: SpaceId) -> bool:
        """Let a space follow the host's version again."""
        await self.find(name)
        return await self.bases.unpin(name, space)

    async def remove(self, base: Base, *, with_download: bool = False) -> int:
        """Forget a version; returns the bytes that became free.

        Only what was downloaded by us can be deleted: files of the host's own are never touched.
        """
        freed = 0
        if with_download and base.source.startswith("hub:"):
            others = await self.bases.versions()
            shared = [each for each in others if each.revision == base.revision and each != base]
            if not shared:
                freed = await self.hub.forget(base.source, base.revision)
        await self.bases.forget(base)
        return freed

    async def _serves(self, base: Base) -> bool:
        serving = await self.bases.get(base.name)
        return serving is not None and serving.version == base.version

    # --- which family -------------------------------------------------------------------------

    def _family(self, sight: Sight, said: str) -> tuple[str, tuple[str, ...]]:
        layers = layers_in(sight.shapes)
        drawable = ", ".join(self.families)
        if said:
            if said not in self.families:
                raise BadRequest(name="family", value=said, valid=drawable)
            named = matched(layers, self.known[said], said)
            return said, () if named.is_whole else (_partly(named),)
        match = best(layers, self.known, self.families)
        if match is None:
            cure = f"What can be drawn with: {drawable}"
            problem = "its tensors are those of no base that is known here"
            raise BadBase(base=str(sight.path), problem=problem, cure=cure)
        if not match.is_whole:
            problem = f"it is no whole base; nearest is {match.family}: {match.found} of "
            problem += f"{match.of} layers, and {match.differs}"
            cure = f"If it is a pruned or changed relative, say so: --family {match.family}"
            raise BadBase(base=str(sight.path), problem=problem, cure=cure)
        if match.family not in self.families:
            cure = f"What can be drawn with: {drawable}"
            problem = f"it is {match.family}, which nothing here can draw with"
            raise BadBase(base=str(sight.path), problem=problem, cure=cure)
        return match.family, _class_notes(sight, self.families[match.family])

    # --- what a single file lacks -------------------------------------------------------------

    async def _folder_for(self, sight: Sight, family: str, wanted: Wanted) -> Path:
        if sight.is_folder:
            return sight.path
        if wanted.parts:
            return await self._given_parts(wanted.parts)
        if has_parts(family) and sight.has_text and sight.has_vae:
            prediction, zero_snr = prediction_of(sight)
            return await in_thread(
                write_parts,
                family,
                self.folder / "parts",
                wanted.prediction or prediction,
                zero_snr=zero_snr,
            )
        kin = [base for base in await self.bases.versions() if base.family == family]
        whole = next((base for base in kin if base.form == "folder"), None)
        if whole is not None:
            return Path(whole.folder)
        raise BadBase(
            base=sight.path.name, problem=f"it holds no {_lacks(sight)}", cure=parts_cure(family)
        )

    async def _given_parts(self, parts: str) -> Path:
        named = await self.bases.get(parts)
        return Path(named.folder) if named is not None else await in_thread(_parts_folder, parts)


def _lacks(sight: Sight) -> str:
    parts = (("text encoders", sight.has_text), ("autoencoder", sight.has_vae))
    return " and ".join(name for name, is_there in parts if not is_there) or "tokenizers"


def _packed(sight: Sight) -> BadBase:
    return BadBase(
        base=sight.path.name,
        problem=f"its layers are packed: {sight.packed}, which nothing here unpacks",
        cure="Take it in bf16, fp16 or fp8 (with --dtype fp8 where memory is short), or its GGUF",
    )


def _check_parts(sight: Sight, family: str, folder: Path) -> tuple[str, ...]:
    """Raise `BadBase` when a part of a single file's base is nowhere; returns what to know."""
    if sight.is_folder or not (folder / INDEX).is_file():
        return ()
    lacks = lacking(sight.shapes, read_json(folder / INDEX, str(folder)), folder)
    needed = [part for part in lacks if part not in OPTIONAL]
    if needed:
        raise BadBase(
            base=sight.path.name,
            problem=f"there are no weights for {', '.join(needed)} in it, nor in {folder}",
            cure=parts_cure(family, needed),
        )
    return tuple(
        f"it draws without {part}: long prompts are understood less well" for part in lacks
    )


def _parts_folder(said: str) -> Path:
    folder = Path(said).expanduser().resolve()
    if not (folder / "model_index.json").is_file():
        raise BadBase(
            base=said,
            problem="it is no base here and no diffusers folder",
            cure="--parts takes the name of a base or a folder with model_index.json",
        )
    return folder


def _is_same(known: Base, base: Base) -> bool:
    told = {"sha256", "folder", "file", "revision", "dtype", "variant", "family", "sub_family",
            "distilled"}  # fmt: skip
    return known.model_dump(include=told) == base.model_dump(include=told)


def _name(said: str) -> str:
    name = re.sub(r"[^a-z0-9._-]+", "-", said.lower()).strip("-._")[:80]
    if not NAME.match(name):
        raise BadRequest(name="name", value=said, valid="letters, digits, dots and dashes")
    return name


def _partly(match: Match) -> str:
    return (
        f"taken as {match.family} because you said so: {match.found} of {match.of} layers are "
        f"as there; LoRAs act on those alone"
    )


def _class_notes(sight: Sight, family: Family) -> tuple[str, ...]:
    if not sight.is_folder or sight.class_name == family.diffusers_class:
        return ()
    return (f"made for {sight.class_name}; it is drawn with as {family.diffusers_class}",)


def sub_family(metadata: Mapping[str, str]) -> str:
    """The branch that a checkpoint says it is of; its file name proves nothing."""
    words = " ".join(
        metadata.get(key, "")[:1000]
        for key in ("modelspec.architecture", "modelspec.title", "ss_base_model_version")
    ).lower()
    return next((name for word, name in SUB_FAMILIES if word in words), "")


def prediction_of(sight: Sight) -> tuple[str, bool]:
    """What a checkpoint says of its training: prediction, and whether its end is pure noise.

    Trainers mark it by two tensors without use (`v_pred`, `ztsnr`) or by ModelSpec's word.
    """
    said = sight.metadata.get("modelspec.prediction_type", "").lower()
    is_v = "v_pred" in sight.shapes or said in ("v", "v_prediction")
    return ("v_prediction" if is_v else ""), "ztsnr" in sight.shapes


def problem_of(base: Base) -> str:
    """What is missing of a kept base on this disk; empty when nothing is."""
    if not (Path(base.folder) / "model_index.json").is_file():
        return "its folder is gone"
    if base.file and not Path(base.file).is_file():
        return "its file is gone"
    return ""


def free_bytes(folder: Path) -> int:
    """Room on the disk of a folder that may not be there yet."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return shutil.disk_usage(there).free


def held_as(base: Base, memory_bytes: int | None) -> str:
    """How a worker would hold this base on a card of so much memory; None is the CPU."""
    fit = fit_for(
        FAMILIES.get(base.family),
        memory_bytes,
        asked=None if base.dtype == "auto" else base.dtype,
        denoiser_bytes=base.size_bytes if base.form == "gguf" else 0,
    )
    return fit.told if memory_bytes is not None else f"{fit.numbers} on the CPU"
