"""A real PostgreSQL."""

import os
from pathlib import Path

import psycopg
import pytest
from beianhub_local import LocalServerError, PostgresServer
from beianhub_local.postgresql import libpq_url, server_version, sqlalchemy_url
from beianhub_local.processes import ServerProcess
from sqlalchemy import create_engine, text

pytestmark = pytest.mark.servers


def test_sqlalchemy_takes_the_url(postgresql_url: str) -> None:
    """The fixture's URL works as it is, in a database that is empty and sorts text by code point."""
    engine = create_engine(postgresql_url)
    with engine.connect() as connection:
        assert str(connection.scalar(text("SELECT version()"))).startswith("PostgreSQL 18.")
        assert connection.scalar(text("SELECT count(*) FROM pg_stat_user_tables")) == 0
        assert connection.scalar(text("SELECT 'B' < 'a'")) is True
    engine.dispose()


@pytest.mark.parametrize("name", ["备案", "filings"])
def test_each_test_has_a_database_of_its_own(postgresql_url: str, name: str) -> None:
    """A table of one test is unknown to the next, which can therefore make it anew."""
    with psycopg.connect(libpq_url(postgresql_url)) as connection:
        connection.execute("CREATE TABLE filing (name text)")
        connection.execute("INSERT INTO filing VALUES (%s)", [name])
        assert connection.execute("SELECT name FROM filing").fetchall() == [(name,)]


def test_committed_data_survives_a_crash(directory: Path) -> None:
    """After kill -9 and a restart, what was committed is there and what was not is gone."""
    with PostgresServer(directory / "postgresql") as server:
        url = libpq_url(server.create_database("filings"))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE filing (id int)")
            connection.execute("INSERT INTO filing VALUES (1)")
        open_transaction = psycopg.connect(url)
        open_transaction.execute("INSERT INTO filing VALUES (2)")
        server.kill()
        open_transaction.close()
        assert not server.running
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT id FROM filing").fetchall() == [(1,)]
        assert server.version.startswith("18.")
    assert not server.running


def test_the_server_never_runs_as_root(postgresql_server: str) -> None:
    """The postmaster's account is not root, whoever started it."""
    with psycopg.connect(libpq_url(postgresql_server)) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    assert os.stat(f"/proc/{row[0].split()[0]}").st_uid != 0


def test_a_server_that_cannot_start_says_why(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error holds the end of the server's log."""
    server = PostgresServer(directory / "postgresql")
    monkeypatch.setattr(server, "_process", ServerProcess("PostgreSQL", ["/bin/ls", "/nowhere"], log=directory / "log"))
    with pytest.raises(LocalServerError, match="nowhere"):
        server.start()


def test_both_forms_of_a_url_name_the_same_database() -> None:
    """psycopg's form and SQLAlchemy's differ in the scheme alone."""
    url = "postgresql+psycopg://postgres@127.0.0.1:5432/filings"
    assert libpq_url(url) == "postgresql://postgres@127.0.0.1:5432/filings"
    assert sqlalchemy_url(libpq_url(url)) == url


def test_a_version_is_what_the_server_says(postgresql_server: str) -> None:
    """The version is asked for, not assumed."""
    assert server_version(postgresql_server).startswith("18.")
