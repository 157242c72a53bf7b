"""What moderators decide: approve, reject, ask, edit, retire, take back; each with its reason."""

from collections.abc import Callable
from datetime import datetime

from pydantic import Field

from engine.errors import BadRequest, NotFound, OpenQuestions
from engine.families import FAMILIES
from engine.messages import (
    EntryId,
    LoraKind,
    Message,
    PersonId,
    Rating,
    SpaceId,
    Trigger,
)
from engine.registry.compat import families_for
from engine.registry.consent import (
    asked,
    is_about_rights,
    open_questions,
    unsaid,
    with_question,
)
from engine.registry.facts import Answer, CardFacts
from engine.storage.audit import AuditLine
from engine.storage.entries import Edit, Entry
from engine.storage.entry_rows import UNDONE, EntryState
from engine.storage.stores import Stores

REASON_CHARS = 500


class CardEdit(Message):
    """What a moderator sets by hand; what is None stays as it was."""

    name: str | None = Field(default=None, min_length=1, max_length=80)
    aliases: tuple[str, ...] | None = Field(default=None, max_length=50)
    kind: LoraKind | None = None
    triggers: tuple[Trigger, ...] | None = Field(default=None, max_length=50)
    tags: tuple[str, ...] | None = Field(default=None, max_length=100)
    description: str | None = Field(default=None, max_length=4_000)
    weight: float | None = Field(default=None, ge=-2, le=2)
    rating: Rating | None = None
    licence: str | None = Field(default=None, max_length=200)
    consent: str | None = Field(default=None, max_length=200)
    creator: str | None = Field(default=None, max_length=200)
    source: str | None = Field(default=None, max_length=500)
    real_person: Answer | None = None
    brand: Answer | None = None
    family: str | None = Field(default=None, max_length=80)
    """The base it is for, where the file leaves a choice."""


class Vetting:
    """Decisions about entries of a space. Who may decide is checked by whoever calls."""

    def __init__(self, stores: Stores, clock: Callable[[], datetime]) -> None:
        self._stores = stores
        self._clock = clock

    async def find(self, space: SpaceId, entry: EntryId) -> Entry:
        """An entry of this space; `NotFound` for any other."""
        found = await self._stores.entries.get(entry)
        if found is None or found.space != space:
            raise NotFound(what="look", name=entry)
        return found

    async def named(self, space: SpaceId, name: str) -> Entry:
        """The entry that goes by a name here; `NotFound` with names that are near."""
        found = await self._stores.entries.by_name(space, name)
        if found is not None:
            return found
        near = await self._near(space, name)
        raise NotFound(what="look", name=name, near=near)

    async def approve(self, space: SpaceId, entry: EntryId, actor: PersonId, reason: str) -> Entry:
        """Let everybody here use it.

        Raises `BadRequest` while its preview is being made and while nobody said its base,
        `OpenQuestions` while nobody said who agreed to what it shows, `NotFound`.
        """
        found = await self.find(space, entry)
        if found.state == "pending":
            await self._check_ready(found)
        await self._decide(found, "approved", actor, reason or "approved")
        return await self.find(space, entry)

    async def reject(self, space: SpaceId, entry: EntryId, actor: PersonId, reason: str) -> Entry:
        """Turn it down; its sender is told why. Raises `BadRequest` without a reason."""
        if not reason.strip():
            raise BadRequest(name="reason", value="", valid="a few words that its sender is told")
        found = await self.find(space, entry)
        await self._decide(found, "rejected", actor, reason)
        return await self.find(space, entry)

    async def retire(self, space: SpaceId, entry: EntryId, actor: PersonId, reason: str) -> Entry:
        """Nobody can ask for it any more; what waits in the queue with it is told so."""
        found = await self.find(space, entry)
        await self._decide(found, "retired", actor, reason or "retired")
        return await self.find(space, entry)

    async def undo(self, space: SpaceId, entry: EntryId, actor: PersonId, reason: str) -> Entry:
        """Take the last decision back; raises `BadRequest` when there is none."""
        found = await self.find(space, entry)
        before = UNDONE.get(found.state)
        if before is None:
            raise BadRequest(name="state", value=found.state, valid="an entry that was decided")
        now = self._clock()
        await self._stores.intakes.decide(
            entry, before, actor, reason or "taken back", now, undo=True
        )
        return await self.find(space, entry)

    async def ask(self, space: SpaceId, entry: EntryId, actor: PersonId, question: str) -> None:
        """Ask whoever brought it; raises `BadRequest` when nobody can be asked."""
        question = question.strip()[:REASON_CHARS]
        if not question:
            raise BadRequest(name="question", value="", valid="a few words")
        found = await self.find(space, entry)
        intake = await self._stores.intakes.of_entry(entry)
        if intake is None or not intake.sender.platform:
            raise BadRequest(
                name="question", value=question[:40], valid="nothing here: nobody can be asked"
            )
        now = self._clock()
        notice = {"kind": "asked", "name": found.card.name, "reason": question}
        await self._stores.intakes.tell(intake.id, notice, now)
        line = AuditLine(space, actor, "entry.asked", entry, question, now)
        await self._stores.audit.write(line)
        if is_about_rights(question):
            answers = with_question(found.answers, question)
            await self._stores.entries.put_answers(entry, answers)

    async def answer(
        self,
        space: SpaceId,
        entry: EntryId,
        person: PersonId,
        words: str,
        said: CardFacts | None = None,
    ) -> None:
        """What its sender says to a question; moderators see it among the findings.

        Of `said` the answers about people, brands and the licence count, where nobody gave them
        yet. Raises `BadRequest` when nothing was said, `NotFound` for anybody but the sender.
        """
        found = await self.find(space, entry)
        told = words.strip()[:REASON_CHARS]
        intake = await self._stores.intakes.of_entry(entry)
        if intake is None or intake.sender.person != person:
            raise NotFound(what="look", name=entry)
        fresh = unsaid(found, said, intake.sender.name) if said and found.state == "pending" else {}
        listed = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in fresh.items())
        words = "; ".join(part for part in (told, listed) if part)[:REASON_CHARS]
        if not words:
            valid = "a few words, or person=, brand=, consent=, licence="
            raise BadRequest(name="answer", value="", valid=valid)
        now = self._clock()
        line = AuditLine(space, person, "entry.answered", entry, words, now)
        await self._stores.audit.write(line)
        await self._stores.intakes.add_finding(
            intake.id, f"{intake.sender.name} says: {words}", now
        )
        if fresh:
            await self.edit(space, entry, person, CardEdit.model_validate(fresh))
        elif asked(found):
            await self._stores.entries.put_answers(entry, with_question(found.answers, ""))

    async def edit(
        self, space: SpaceId, entry: EntryId, actor: PersonId, edit: CardEdit, reason: str = ""
    ) -> Entry:
        """Set what is told of it; raises `BadRequest` naming what would do.

        The log has what changed and the reason. Whoever records an answer about people, brands or
        the licence closes the question that was asked about it.
        """
        found = await self.find(space, entry)
        family = edit.family
        if family is not None and family != found.card.family:
            _check_family(found, family)
        given = edit.model_dump(exclude_none=True)
        names = ("name", "aliases", "kind", "tags", "description", "weight", "rating")
        card = found.card.model_copy(
            update={
                **{name: given[name] for name in names if name in given},
                "triggers": found.card.triggers if edit.triggers is None else edit.triggers,
                "family": family or found.card.family,
            }
        )
        answers = dict(found.answers)
        answers.update({name: given[name] for name in ("real_person", "brand") if name in given})
        if given.keys() & {"real_person", "brand", "consent", "licence"}:
            answers = with_question(answers, "")
        told = {
            name: given.get(name, getattr(found, name))
            for name in ("licence", "consent", "creator", "source")
        }
        whole = Edit(card=card, answers=answers, family=family, **told)
        why = reason.strip()[:REASON_CHARS]
        await self._stores.entries.edit(entry, whole, actor, self._clock(), why)
        return await self.find(space, entry)

    def choices(self, found: Entry) -> tuple[str, ...]:
        """The bases that a moderator may say an entry is for; none where its file decides."""
        if found.file.family in known_families():
            return ()
        return _choices(found) or tuple(sorted(known_families()))

    async def _check_ready(self, found: Entry) -> None:
        intake = await self._stores.intakes.of_entry(found.id)
        if intake is not None and intake.state != "waiting":
            raise BadRequest(
                name="moment", value="now", valid="a moment later, when its preview is finished"
            )
        if found.card.family not in known_families():
            possible = ", ".join(_choices(found)) or "a base of /help"
            raise BadRequest(
                name="base", value=found.card.family, valid=f"said first, with edit: {possible}"
            )
        if questions := open_questions(found):
            name, open_one = found.card.name, asked(found)
            raise OpenQuestions(name=name, questions=questions, asked=open_one)

    async def _decide(self, found: Entry, state: EntryState, actor: PersonId, reason: str) -> None:
        words = reason.strip()[:REASON_CHARS]
        await self._stores.intakes.decide(found.id, state, actor, words, self._clock())

    async def _near(self, space: SpaceId, name: str) -> tuple[str, ...]:
        return await self._stores.entry_search.near(space, name)


def known_families() -> frozenset[str]:
    """Families and sub-families that a LoRA may be made for."""
    names = set(FAMILIES)
    return frozenset(names.union(*(families_for(name) for name in names)))


def _choices(found: Entry) -> tuple[str, ...]:
    given = found.file.header.get("alternatives")
    return tuple(str(each) for each in given) if isinstance(given, list) else ()


def _check_family(found: Entry, family: str) -> None:
    choices = _choices(found)
    if found.file.family in known_families():
        raise BadRequest(
            name="base", value=family, valid=f"{found.file.family}: its layers leave no choice"
        )
    allowed = choices or tuple(sorted(known_families()))
    if family not in allowed:
        raise BadRequest(name="base", value=family, valid=", ".join(allowed))
