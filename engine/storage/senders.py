"""Who brought LoRA files, forgotten: their names go, what others decided about the files stays."""

from sqlalchemy import Connection, delete, update

from engine.messages import PersonId
from engine.storage.tables import entries, intakes, notices, upload_links

FORGOTTEN = PersonId("atelier:forgotten")


def forget_sender(connection: Connection, person: PersonId) -> int:
    """Take a person out of what they brought, with their links and the words for them.

    A file that was approved belongs to its place now; one that waits is decided without them.
    """
    links = connection.execute(delete(upload_links).where(upload_links.c.person == person))
    words = connection.execute(delete(notices).where(notices.c.person == person))
    connection.execute(
        update(entries).where(entries.c.added_by == person).values(added_by=FORGOTTEN)
    )
    theirs = (
        update(intakes)
        .where(intakes.c.person == person)
        .values(person=FORGOTTEN, person_name="", platform="", address="", request=None)
    )
    return links.rowcount + words.rowcount + connection.execute(theirs).rowcount
