"""Alembic's door: runs the migrations on the connection that `engine.storage.migration` made."""

from alembic import context
from sqlalchemy import Connection

from engine.storage.tables import METADATA

connection = context.config.attributes.get("connection")
if not isinstance(connection, Connection):
    raise TypeError("run migrations through `atelier db`: they need its connection")
context.configure(
    connection=connection,
    target_metadata=METADATA,
    compare_type=True,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
