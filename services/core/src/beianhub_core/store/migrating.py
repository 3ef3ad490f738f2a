"""Brings a database's schema up to date."""

from __future__ import annotations

from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import func, select, text

from beianhub_core.store.engine import Database

_LOCK: Final = 0x6265_6961_6E  # "beian": any number that only we use


def migrate(database: Database) -> None:
    """Runs the migrations that are missing, in one transaction; of two processes the second waits for the first.

    On SQLite the transaction's write lock makes it wait, on PostgreSQL an advisory lock.
    """
    with database.writer.begin() as connection:
        if database.sql.postgresql:
            connection.execute(text("SET LOCAL lock_timeout = 0"))  # the other process may have much to migrate
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config = Config()
        config.set_main_option("script_location", "beianhub_core.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
