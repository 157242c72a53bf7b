"""The engine's error tree. Three questions decide the branch.

    AtelierError                      code, facts, a default message
    |-- PersonError                   the person can fix it: says how
    |   |-- BadRequest                a value is out of range: names it and what is valid
    |   |-- NotFound                  no such job, look or base here
    |   |-- NotAllowed                someone else's, or above this person's level
    |   |-- AlreadyRunning            another Atelier works on this data folder
    |   |-- CannotLink                a place that is linked already: says what to undo first
    |   |-- WordsBlocked              a moderator blocked these words: says which rule
    |   |-- Paused                    a moderator paused this person: says until when
    |   |-- QueueFull                 a cap was reached: says when to come back
    |   |-- QuotaSpent                a person's share here is used up: says when to come back
    |   |-- LookNotApproved           the LoRA is pending, rejected or retired
    |   |-- OpenQuestions             nobody said who agreed to what a LoRA shows: says how to
    |   |-- LookDoesNotFit            wrong base: says what would fit
    |   |-- BadLoraFile               the file is not a LoRA we can use: says what it is
    |   `-- BadBase                   files that no base can be made of: says which, and the cure
    |-- TryAgain                      nothing wrong with the request: tried again, or later
    |   |-- StoreBusy                 the database is locked
    |   |-- DiskFull                  no room for a blob or a row
    |   |-- StoreReadOnly             the database or the blob folder can't be written
    |   |-- WorkerLost                the process died or hung
    |   |-- OutOfMemory               the device had no room
    |   |-- NoWorker                  no worker is up
    |   `-- NoAnswer                  the language model was slow, down, refused or malformed
    |       `-- Ungrounded            it answered what makes no sense here
    `-- Broken                        our bug or a damaged installation: apologise, log the job
        |-- BlobCorrupt               stored bytes don't match their hash
        |-- DatabaseNewer             the database was migrated by a newer Atelier
        |-- DatabaseOutdated          the database needs `atelier db upgrade`
        |-- BaseBroken                the base's files are missing or damaged
        |-- StackNotApplied           modules of a LoRA did not come alive in the base
        |-- NotFinite                 NaN or infinity in the picture
        |-- LookPoisoned              NaN or infinity by one LoRA alone: it is taken out of use
        `-- Misregistered             a table row names something that is not there

Each class has a stable `code` (people's words live in `bot/replies.py`), and its facts as data.
"""

from typing import ClassVar

Fact = str | int | float | bool | None | tuple[str, ...]


class AtelierError(Exception):
    """Base of all errors raised on purpose; `facts` are what the reply may mention."""

    code: ClassVar[str] = "error"
    retry: ClassVar[bool] = False

    def __init__(self, message: str = "", **facts: Fact) -> None:
        self.facts: dict[str, Fact] = facts
        super().__init__(message or self.default_message())

    def default_message(self) -> str:
        """Class name and facts: for logs, never for people."""
        told = ", ".join(f"{key}={value!r}" for key, value in sorted(self.facts.items()))
        return f"{self.code}({told})"


class PersonError(AtelierError):
    """The person can fix it; the reply says how."""

    code = "person"


class BadRequest(PersonError):
    """A value is out of range. Facts: `name`, `value`, `valid`."""

    code = "bad_request"


class NotFound(PersonError):
    """No such thing here. Facts: `what`, `name`, and `near` (close names) when there are some."""

    code = "not_found"


class NotAllowed(PersonError):
    """Not this person's to do. Facts: `what`, `needs`."""

    code = "not_allowed"


class AlreadyRunning(PersonError):
    """Another process owns the queue of this data folder. Facts: `folder`."""

    code = "already_running"


class CannotLink(PersonError):
    """A place can't join another now. Facts: `why` (linked: it joined `names`; joined: those joined
    it).
    """

    code = "cannot_link"


class WordsBlocked(PersonError):
    """Words that this space does not draw. Facts: `rule` (its number), never the words."""

    code = "words_blocked"


class Paused(PersonError):
    """A moderator paused this person here. Facts: `for_s` (None: until ended), `reason`."""

    code = "paused"


class QueueFull(PersonError):
    """A cap was reached. Facts: `scope` (person, space, everyone), `limit`, `retry_in_s`."""

    code = "queue_full"


class QuotaSpent(PersonError):
    """A person's share in a space is used up. Facts: `scope` (hour, day, at_once), `limit`,
    `retry_in_s`.
    """

    code = "quota_spent"


class LookNotApproved(PersonError):
    """The LoRA may not be used now. Facts: `name`, `state`."""

    code = "look_not_approved"


class OpenQuestions(PersonError):
    """Not to be approved yet. Facts: `name`, `questions` (codes of `registry.consent`), `asked`."""

    code = "open_questions"


class LookDoesNotFit(PersonError):
    """Made for another base. Facts: `name`, `family`, `base`, `fits`, `why` (family, few_steps)."""

    code = "look_does_not_fit"


class BadLoraFile(PersonError):
    """Not a LoRA that can be used. Facts: `file`, `verdict`, `problems`."""

    code = "bad_lora_file"


class BadBase(PersonError):
    """Files that no base can be made of. Facts: `base` (name or path), `problem`, `cure`."""

    code = "bad_base"


class TryAgain(AtelierError):
    """Nothing is wrong with the request itself."""

    code = "try_again"
    retry = True


class StoreBusy(TryAgain):
    """The database stayed locked. Facts: `waited_s`."""

    code = "store_busy"


class DiskFull(TryAgain):
    """No room left. Facts: `folder`, `free_bytes`."""

    code = "disk_full"


class StoreReadOnly(TryAgain):
    """Can't write. Facts: `what`."""

    code = "store_read_only"


class WorkerLost(TryAgain):
    """The worker process died or stopped answering. Facts: `worker`, `how`."""

    code = "worker_lost"


class OutOfMemory(TryAgain):
    """The device had no room. Facts: `device`, `wanted_bytes` when known."""

    code = "out_of_memory"


class NoWorker(TryAgain):
    """No worker is up. Facts: `why`."""

    code = "no_worker"


class NoAnswer(TryAgain):
    """The language model was slow, down, refused or malformed. Facts: `why`, `tokens`."""

    code = "no_answer"


class Ungrounded(NoAnswer):
    """A language model proposed what makes no sense here, such as an edit of nothing."""

    code = "ungrounded"


class Broken(AtelierError):
    """Our bug or a damaged installation."""

    code = "broken"


class BlobCorrupt(Broken):
    """Stored bytes don't match their hash. Facts: `sha256`."""

    code = "blob_corrupt"


class DatabaseNewer(Broken):
    """Migrated by a newer Atelier. Facts: `database`, `code_knows`."""

    code = "database_newer"


class DatabaseOutdated(Broken):
    """Needs an upgrade. Facts: `database`, `code_wants`."""

    code = "database_outdated"


class BaseBroken(Broken):
    """The base can't be loaded. Facts: `base`, `problem`."""

    code = "base_broken"


class StackNotApplied(Broken):
    """Modules of a LoRA found no layer. Facts: `name`, `expected`, `applied`, `missing`."""

    code = "stack_not_applied"


class NotFinite(Broken):
    """NaN or infinity came out. Facts: `step`, `where`."""

    code = "not_finite"


class LookPoisoned(Broken):
    """A LoRA whose numbers are none. Facts: `name`, `sha256`, `where`."""

    code = "look_poisoned"


class Misregistered(Broken):
    """A table row is wrong. Facts: `table`, `row`, `problem`."""

    code = "misregistered"
