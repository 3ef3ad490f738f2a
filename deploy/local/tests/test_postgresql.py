"""A real PostgreSQL."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from beianhub_local import LocalServerError, PostgresServer
from beianhub_local.postgresql import libpq_url, sqlalchemy_url
from beianhub_local.processes import ServerProcess

pytestmark = pytest.mark.servers


def test_sqlalchemy_takes_the_url(postgresql_url: str) -> None:
    """The fixture's URL works as it is, in a database that is empty and sorts text by code point."""
    engine = create_engine(postgresql_url)
    with engine.connect() as connection:
        assert str(connection.scalar(text("SELECT version()"))).startswith("PostgreSQL ")
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
        assert (directory / "postgresql/data").stat().st_uid != 0  # it refuses data that is not its account's
    assert not server.running


def test_a_server_that_cannot_start_says_why(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error holds the end of the server's log."""
    server = PostgresServer(directory / "postgresql")
    monkeypatch.setattr(server, "_process", ServerProcess("PostgreSQL", ["/bin/ls", "/nowhere"], log=directory / "log"))
    with pytest.raises(LocalServerError, match="nowhere"):
        server.start()


def test_both_forms_of_a_url_name_the_same_database() -> None:
    """The forms of psycopg and of SQLAlchemy differ in the scheme alone."""
    url = "postgresql+psycopg://postgres@127.0.0.1:5432/filings"
    assert libpq_url(url) == "postgresql://postgres@127.0.0.1:5432/filings"
    assert sqlalchemy_url(libpq_url(url)) == url
