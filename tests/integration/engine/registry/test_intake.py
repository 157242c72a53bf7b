"""Files on their way in, on a real database with a pool in memory: every road, every refusal."""

import asyncio
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.errors import BadRequest, LookNotApproved, NotFound, TryAgain
from engine.families import FAMILIES
from engine.messages import (
    VETTING,
    Base,
    EntryId,
    Generate,
    IntakeId,
    LookWish,
    Owner,
    PersonId,
    Plan,
    Replay,
    Sha256,
    SpaceId,
)
from engine.registry import intake as intake_line
from engine.registry import intake_steps
from engine.registry.facts import CardFacts
from engine.registry.gauging import PROBE_PLACE
from engine.registry.intake_steps import Fetched
from engine.registry.sheet import Sheet, Shown, draw_sheet
from engine.storage.intakes import Intake, Sender
from tests.fakes.engine_room import HERE, Room, open_room, until, visit

LORAS = Path(__file__).parents[4] / "engine" / "miniature" / "loras"
SPACE, OTHER = SpaceId("fake:garden"), SpaceId("fake:elsewhere")
MOD = PersonId("fake:mod")
ADA = Sender(SPACE, PersonId("fake:ada"), "Ada", "fake", "garden")
PATIENCE_S = 60.0
HOUR = timedelta(hours=1)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


async def bring(room: Room, name: str = "zib", sender: Sender = ADA, **more: object) -> Intake:
    data = (LORAS / f"{name}.safetensors").read_bytes()
    facts = CardFacts.model_validate({"name": name.title(), **more})
    return await room.engine.registry.intake.receive(
        sender, "chat", f"{name}.safetensors", data, facts=facts
    )


async def settled(room: Room, intake: IntakeId, *states: str) -> Intake:
    """Wait until an intake needs nothing more from the engine."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await room.engine.stores.intakes.get(intake)
            assert found is not None
            if found.state in (states or ("waiting", "refused", "known")):
                return found
            await asyncio.sleep(0.02)


async def gone(room: Room, intake: Intake) -> None:
    """Wait until the bytes of a refused file are deleted: that comes after the words."""
    assert intake.sha256 is not None
    async with asyncio.timeout(PATIENCE_S):
        while await room.engine.stores.blobs.has(intake.sha256):  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.01)


async def notices(room: Room) -> list[str]:
    return [str(notice.body["kind"]) for notice in await room.engine.registry.notices()]


async def test_a_file_waits_for_its_moderator_with_a_sheet_and_findings(room: Room) -> None:
    found = await settled(room, (await bring(room)).id)
    assert found.state == "waiting"
    assert found.entry is not None
    sheet = await room.engine.registry.sheet(found)
    assert sheet is not None
    assert sheet.startswith(b"\x89PNG")
    assert any("Made for miniature" in each for each in found.findings)
    assert any("zib" in each for each in found.findings)
    assert await notices(room) == ["waiting"]
    assert len(room.pool.orders) == 1 + 8
    weights = sorted({lora.weight for order in room.pool.orders for lora in order.loras})
    assert weights == [0.5, 1.0, 1.5]


async def test_an_approved_file_is_drawn_with_and_a_waiting_one_is_not(room: Room) -> None:
    found = await settled(room, (await bring(room)).id)
    assert found.entry is not None
    assert await room.engine.looks(SPACE) == ()
    wish = Generate(words="Zib", prompt="Zib", looks=(LookWish(name="Zib", said="Zib"),))
    with pytest.raises(NotFound):
        await room.engine.plan(visit(), wish)
    await room.engine.registry.vetting.approve(SPACE, found.entry, MOD, "lovely")
    ticket = await room.engine.draw(visit(), wish, HERE)
    job = await room.over(ticket.job)
    assert job.state == "done"
    assert job.plan.loras[0].sha256 == found.sha256
    assert await notices(room) == ["waiting", "approved"]


async def test_nobody_gets_at_an_unapproved_file_by_its_previews_plan(room: Room) -> None:
    found = await settled(room, (await bring(room)).id)
    stolen = next(order.plan for order in room.pool.orders if order.loras)
    with pytest.raises(LookNotApproved):
        await room.engine.plan(visit(), Replay(plan=stolen))
    rows = await room.engine.stores.intakes.previews(found.id)
    with pytest.raises(NotFound):
        await room.engine.show(visit().owner, rows[0].job)
    await _admit(room, stolen)
    jobs = await room.engine.stores.jobs.of_person(Owner(space=SPACE, person=VETTING))
    for job in jobs:
        over = await room.over(job.id)
        assert over.failure is not None
        assert over.failure.code == "look_not_approved"


async def _admit(room: Room, plan: Plan) -> None:
    """A job that says it is a preview and is not one of the intake's."""
    queue = room.engine.registry.intake._steps._queue
    from engine.service import new_job_id  # noqa: PLC0415

    await queue.admit(new_job_id(), SPACE, plan)


async def test_two_uploads_of_one_file_at_once_are_one(room: Room) -> None:
    one, two = await asyncio.gather(bring(room), bring(room))
    ends = [await settled(room, each.id) for each in (one, two)]
    assert sorted(end.state for end in ends) == ["known", "waiting"]
    assert len(await room.engine.stores.entries.in_state(SPACE, "pending")) == 1


async def test_another_space_learns_nothing_of_this_ones_file(room: Room) -> None:
    await settled(room, (await bring(room)).id)
    elsewhere = Sender(OTHER, PersonId("fake:bob"), "Bob", "fake", "else")
    theirs = await settled(room, (await bring(room, sender=elsewhere)).id)
    assert theirs.state == "waiting"
    assert not any("already" in each for each in theirs.findings)
    with pytest.raises(NotFound):
        await room.engine.registry.find(SPACE, theirs.id)


def _zip(folder: Path) -> bytes:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}q\x00.")
    return (folder / "a.zip").read_bytes()


BAD = {
    "pickle": b"\x80\x02}q\x00X\x05\x00\x00\x00helloq\x01K\x01s.",
    "html": b"<!DOCTYPE html><html><body>Log in</body></html>",
    "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n",
    "empty": b"",
    "cut": (LORAS / "neon.safetensors").read_bytes()[:-100],
    "long header": (1 << 62).to_bytes(8, "little") + b"{}",
    "not json": (10).to_bytes(8, "little") + b"not json!!" + b"\0" * 50,
}


@pytest.mark.parametrize("kind", [*BAD, "zip"])
async def test_a_bad_file_is_refused_with_words_and_removed(
    room: Room, kind: str, tmp_path: Path
) -> None:
    data = BAD.get(kind) if kind != "zip" else _zip(tmp_path)
    assert data is not None
    line = room.engine.registry.intake
    brought = await line.receive(ADA, "chat", "thing.safetensors", data)
    found = await settled(room, brought.id)
    assert found.state == "refused"
    assert len(found.why) > 10
    await gone(room, found)
    assert await notices(room) == ["refused"]
    assert room.pool.orders == []


async def test_a_bad_file_stored_by_an_accident_is_removed_too(room: Room) -> None:
    data = BAD["html"]
    line = room.engine.registry.intake
    kept = await room.engine.stores.blobs.put(data, 1000)
    one = await line.receive(ADA, "chat", "a.safetensors", data)
    assert one.sha256 == kept.sha256
    await gone(room, await settled(room, one.id))


async def test_a_weight_is_proposed_by_what_was_measured(room: Room) -> None:
    waiting = await settled(room, (await bring(room, kind="character")).id)
    entry = await room.engine.registry.vetting.find(SPACE, waiting.entry or EntryId(""))
    assert entry.card.weight == 0.65
    assert any("0.65 is proposed" in each for each in waiting.findings)
    lines = await room.engine.registry.history(SPACE, entry.id)
    assert [line.what for line in lines] == ["entry.measured", "entry.added.pending"]
    weights = {cell.weight for cell in await room.engine.registry.cells(waiting)}
    assert weights == {None, 0.33, 0.65, 0.98}
    ((base, found),) = await room.engine.registry.measured(entry.file.sha256)
    assert (base, found.moved[2].bare) == ("miniature", 0.56)


async def test_a_weight_that_somebody_names_stays(room: Room) -> None:
    waiting = await settled(room, (await bring(room, kind="character", weight=1.2)).id)
    entry = await room.engine.registry.vetting.find(SPACE, waiting.entry or EntryId(""))
    assert entry.card.weight == 1.2
    assert any("0.65 would follow, 1.2 is named" in each for each in waiting.findings)


async def test_what_can_not_be_measured_is_shown_all_the_same(room: Room) -> None:
    room.pool.cannot_measure = True
    waiting = await settled(room, (await bring(room)).id)
    assert waiting.sheet is not None
    assert any("could not be measured: the device had no room" in e for e in waiting.findings)


async def test_a_file_is_measured_once_on_a_base(room: Room) -> None:
    await settled(room, (await bring(room)).id)
    elsewhere = replace(ADA, space=OTHER)
    await settled(room, (await bring(room, sender=elsewhere)).id)
    probes = [order for order in room.pool.orders if order.plan.probe is not None]
    assert len(probes) == 1


async def test_a_turn_that_comes_while_somebody_is_at_a_file_is_taken_after(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_line, "PULSE_S", 3600)
    line, gate, calls = room.engine.registry.intake, asyncio.Event(), list[IntakeId]()
    whole = line._steps.advance

    async def held(intake: IntakeId) -> Intake:
        calls.append(intake)
        found = await whole(intake)
        if len(calls) == 1:
            await gate.wait()
        return found

    monkeypatch.setattr(line._steps, "advance", held)
    brought = await bring(room)
    async with asyncio.timeout(PATIENCE_S):
        await until(lambda: brought.id in line._missed)
    gate.set()
    assert (await settled(room, brought.id)).state == "waiting"


async def test_too_large_is_refused_while_it_comes(room: Room) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b"\0" * (1 << 20)

    line = room.engine.registry.intake
    line.rules = line.rules.__class__(1 << 21, 1 << 20, 5, 60, 60)
    with pytest.raises(BadRequest) as refusal:
        await line.receive(ADA, "chat", "endless.safetensors", endless())
    assert "bytes" in str(refusal.value.facts["valid"])


async def test_a_repeated_act_is_one_intake(room: Room) -> None:
    data = (LORAS / "neon.safetensors").read_bytes()
    line = room.engine.registry.intake
    one = await line.receive(ADA, "chat", "neon.safetensors", data, request="act-7")
    two = await line.receive(ADA, "chat", "neon.safetensors", data, request="act-7")
    assert one.id == two.id


async def test_one_person_cannot_fill_the_line(room: Room) -> None:
    line = room.engine.registry.intake
    line.rules = line.rules.__class__(1 << 30, 1 << 20, 1, 60, 60)
    data = (LORAS / "zib.safetensors").read_bytes()
    first = await line.receive(ADA, "chat", "zib.safetensors", data, request="act-1")
    for request in (None, "act-2"):
        with pytest.raises(BadRequest) as refusal:
            await line.receive(ADA, "chat", "neon.safetensors", data, request=request)
        assert refusal.value.facts["name"] == "files waiting"
    again = await line.receive(ADA, "chat", "zib.safetensors", data, request="act-1")
    assert again.id == first.id


async def test_what_a_person_says_goes_before_what_the_file_says(room: Room) -> None:
    said = await bring(room, "neon", triggers=({"word": "my word"},), weight=0.5, licence="CC0")
    found = await settled(room, said.id)
    assert found.entry is not None
    entry = await room.engine.registry.vetting.find(SPACE, found.entry)
    assert [each.word for each in entry.card.triggers] == ["my word"]
    assert (entry.card.weight, entry.licence) == (0.5, "CC0")


async def test_hostile_names_become_plain_ones(room: Room) -> None:
    data = (LORAS / "neon.safetensors").read_bytes()
    name = "../../@everyone\u202e\u200b\n**neon**" + "x" * 4000 + ".safetensors"
    brought = await room.engine.registry.intake.receive(ADA, "chat", name, data)
    found = await settled(room, brought.id)
    assert found.entry is not None
    entry = await room.engine.registry.vetting.find(SPACE, found.entry)
    assert len(entry.card.name) <= 80
    assert not {"\n", "\u202e", "\u200b", "/"} & set(entry.card.name)


async def test_a_preview_that_never_comes_ends_after_its_time(tmp_path: Path) -> None:
    async with open_room(tmp_path, workers=0) as room:
        line = room.engine.registry.intake
        line._steps._rules = line.rules.__class__(1 << 30, 1 << 20, 5, 0.0, 60)
        found = await settled(room, (await bring(room)).id)
        assert found.state == "waiting"
        assert any("could not be drawn" in each for each in found.findings)


def sdxl_lora(folder: Path) -> bytes:
    """A LoRA of two layers, trained on plain SDXL."""
    tensors = {}
    for layer, wide in (("to_k", 2048), ("to_q", 640)):
        path = f"lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_{layer}"
        tensors[f"{path}.lora_down.weight"] = np.full((4, wide), 0.01, np.float32)
        tensors[f"{path}.lora_up.weight"] = np.full((640, 4), 0.01, np.float32)
        tensors[f"{path}.alpha"] = np.array(4, np.float32)
    said = {"ss_base_model_version": "sdxl_base_v1-0", "ss_network_module": "networks.lora"}
    save_file(tensors, folder / "xl.safetensors", said)
    return (folder / "xl.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("base", "warning"),
    [
        ({"sub_family": "pony"}, "made for sdxl: on pony the look may shift"),
        ({"distilled": "lightning"}, "SDXL Lightning draws in few steps, use 0.8 to 1.0"),
        ({}, None),
    ],
    ids=["branch", "few-steps", "its-own"],
)
async def test_a_relative_that_a_preview_is_drawn_on_is_warned_of(
    room: Room,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    base: dict[str, str],
    warning: str | None,
) -> None:
    below: list[str] = []

    def seen(title: str, told: str, shown: Sequence[Shown]) -> Sheet:
        below.append(told)
        return draw_sheet(title, told, shown)

    monkeypatch.setattr(intake_steps, "draw_sheet", seen)
    xl = Base.model_validate({"name": "xl-house", "family": "sdxl", "folder": "x", **base})
    await room.engine.stores.bases.put(xl)
    intake = await room.engine.registry.intake.receive(
        ADA, "chat", "xl.safetensors", sdxl_lora(tmp_path), facts=CardFacts(name="XL")
    )
    found = await settled(room, intake.id)
    assert found.state == "waiting"
    careful = [each for each in found.findings if each.startswith("Careful on")]
    assert careful == ([f"Careful on xl-house: {warning}."] if warning else [])
    assert (warning or "made for sdxl; the same seeds") in below[-1]
    rows = await room.engine.stores.intakes.previews(found.id)
    jobs = [await room.engine.stores.jobs.get(row.job) for row in rows if row.place < PROBE_PLACE]
    steps = {job.plan.steps for job in jobs if job is not None}
    assert steps == {4 if "distilled" in base else FAMILIES.get("sdxl").steps}


async def test_without_a_base_that_fits_it_waits_without_a_preview(room: Room) -> None:
    await room.engine.stores.bases.put(
        (await room.engine.bases())[0].model_copy(update={"family": "sdxl"})
    )
    found = await settled(room, (await bring(room)).id)
    assert (found.state, found.sheet) == ("waiting", None)
    assert any("no preview" in each for each in found.findings)


async def test_blobs_of_files_that_wait_survive_the_sweep(room: Room) -> None:
    found = await settled(room, (await bring(room)).id)
    in_use = await room.engine.stores.pictures.blobs_in_use()
    assert {found.sha256, found.sheet} <= in_use
    assert Sha256("0" * 64) not in in_use


async def test_what_waits_with_a_retired_look_is_told_and_others_go_on(room: Room) -> None:
    found = await settled(room, (await bring(room)).id)
    assert found.entry is not None
    vetting = room.engine.registry.vetting
    await vetting.approve(SPACE, found.entry, MOD, "")
    held = await room.draw("wait for it", "bob")
    wish = Generate(words="Zib", prompt="Zib", looks=(LookWish(name="Zib", said="Zib"),))
    queued = await room.engine.draw(visit(), wish, HERE)
    await vetting.retire(SPACE, found.entry, MOD, "gone")
    room.pool.release(held.job)
    over = await room.over(queued.job)
    assert (over.state, over.failure and over.failure.code) == ("failed", "look_not_approved")
    assert over.plan.loras[0].sha256 == found.sha256
    await vetting.undo(SPACE, found.entry, MOD, "")
    again = await room.over((await room.engine.draw(visit(), wish, HERE)).job)
    assert again.state == "done"


async def test_a_look_with_broken_numbers_is_taken_out_of_use_and_told(room: Room) -> None:
    found = await settled(room, (await bring(room)).id)
    assert found.entry is not None
    vetting = room.engine.registry.vetting
    await vetting.approve(SPACE, found.entry, MOD, "")
    await room.engine.house.change(SPACE, MOD, {"reports_to": "fake staff-only"})
    wish = Generate(words="rotten Zib", prompt="rotten", looks=(LookWish(name="Zib", said="Zib"),))
    over = await room.over((await room.engine.draw(visit(), wish, HERE)).job)
    assert (over.state, over.failure and over.failure.code) == ("failed", "look_poisoned")
    assert (await vetting.find(SPACE, found.entry)).state == "retired"
    line = (await room.engine.stores.audit.of_subject(SPACE, found.entry, 9))[0]
    assert line.actor == "atelier:worker"
    assert line.reason == "broken numbers (NaN or infinity) in unet.mid_block"
    assert (await notices(room))[-2:] == ["retired", "quarantined"]
    told = (await room.engine.registry.notices())[-1]
    assert (told.platform, told.address) == ("fake", "staff-only")
    assert told.body["name"] == "Zib"


async def test_a_rejected_file_is_deleted_after_its_time(room: Room) -> None:
    found = await settled(room, (await bring(room)).id)
    assert found.entry is not None
    vetting, stores = room.engine.registry.vetting, room.engine.stores
    await vetting.reject(SPACE, found.entry, MOD, "no licence")
    assert await stores.intakes.drop_rejected(found.at, found.changed_at) == 0
    assert await stores.intakes.drop_rejected(datetime.now(UTC) + HOUR, datetime.now(UTC)) == 1
    assert await stores.entries.get(found.entry) is None
    assert found.sha256 not in await stores.pictures.blobs_in_use()


async def test_a_link_goes_through_the_same_line(room: Room) -> None:
    class Site:
        """Stands for the sites: the first try fails, the second gives the file."""

        def __init__(self) -> None:
            self.tries = 0

        def check(self, url: str) -> str:
            return url

        async def fetch(self, url: str) -> Fetched:
            self.tries += 1
            if self.tries == 1:
                raise TryAgain
            data = (LORAS / "neon.safetensors").read_bytes()
            blob = await room.engine.stores.blobs.put(data, 1 << 30)
            return Fetched(
                sha256=blob.sha256,
                size_bytes=blob.size_bytes,
                file_name="neon.safetensors",
                facts=CardFacts(name="Neon Night", licence="CC0", creator="ada", family="sdxl"),
            )

    line = room.engine.registry.intake
    line._fetcher = line._steps._fetcher = Site()
    said = CardFacts(name="My Neon")
    brought = await line.link(ADA, "https://civitai.com/models/1", facts=said)
    found = await settled(room, brought.id)
    assert found.entry is not None
    entry = await room.engine.registry.vetting.find(SPACE, found.entry)
    assert (entry.card.name, entry.licence, entry.creator) == ("My Neon", "CC0", "ada")
    assert entry.source == "https://civitai.com/models/1"
    assert entry.card.family == "miniature"
    assert any("called a LoRA for sdxl" in each for each in found.findings)
