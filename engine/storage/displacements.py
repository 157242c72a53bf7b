"""How far each LoRA file moves each base, as it was measured: once, whoever brings the file."""

from datetime import datetime

from sqlalchemy import Connection, select

from engine.messages import Displacement, LoraKind, Sha256
from engine.storage.database import Store, reads, writes
from engine.storage.tables import displacements, entries
from engine.storage.upsert import insert_into

MOST_APPROVED = 200


class DisplacementStore(Store):
    """Rows by file and base; they go with the file's facts."""

    @writes
    def put(
        self,
        connection: Connection,
        sha256: Sha256,
        base: str,
        version: int,
        measured: Displacement,
        now: datetime,
    ) -> None:
        """Keep what was measured; a newer measurement replaces the older one."""
        values = {"version": version, "measured": measured, "at": now}
        statement = insert_into(connection, displacements).values(
            sha256=sha256, base=base, **values
        )
        connection.execute(
            statement.on_conflict_do_update(index_elements=["sha256", "base"], set_=values)
        )

    @reads
    def get(
        self, connection: Connection, sha256: Sha256, base: str, version: int
    ) -> Displacement | None:
        """What was measured on this version of a base."""
        found: Displacement | None = connection.scalar(
            select(displacements.c.measured).where(
                displacements.c.sha256 == sha256,
                displacements.c.base == base,
                displacements.c.version == version,
            )
        )
        return found

    @reads
    def of_file(
        self, connection: Connection, sha256: Sha256
    ) -> tuple[tuple[str, Displacement], ...]:
        """Every base that a file was measured on."""
        rows = connection.execute(
            select(displacements.c.base, displacements.c.measured)
            .where(displacements.c.sha256 == sha256)
            .order_by(displacements.c.base)
        )
        return tuple((row.base, row.measured) for row in rows)

    @reads
    def approved(
        self, connection: Connection, base: str, kind: LoraKind
    ) -> tuple[tuple[Displacement, float], ...]:
        """The newest approved LoRAs of a kind on a base, with the weights they were left at.

        Those of all spaces: only a median of them is ever used.
        """
        rows = connection.execute(
            select(displacements.c.measured, entries.c.weight)
            .join(entries, entries.c.sha256 == displacements.c.sha256)
            .where(
                displacements.c.base == base,
                entries.c.state == "approved",
                entries.c.kind == kind,
            )
            .order_by(entries.c.added_at.desc())
            .limit(MOST_APPROVED)
        )
        return tuple((row.measured, row.weight) for row in rows)
