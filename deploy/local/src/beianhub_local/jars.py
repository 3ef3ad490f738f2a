"""Apache Kafka's jars: fetched once from Maven Central, checked each time against `kafka-jars.sha256`."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext
from jgo.parse import Coordinate

from beianhub_local.errors import LocalServerError

CACHE_VARIABLE = "BEIANHUB_LOCAL_CACHE"
MIRROR_VARIABLE = "BEIANHUB_LOCAL_MAVEN"

KAFKA_VERSION = "4.3.1"
# Beside Kafka's own module all those are named whose versions jgo would resolve differently from Maven.
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    f"org.apache.kafka:kafka-clients:{KAFKA_VERSION}",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3",
    "com.fasterxml.jackson.core:jackson-core:2.21.2",
    "com.fasterxml.jackson.core:jackson-databind:2.21.2",
    "com.fasterxml.jackson.core:jackson-annotations:2.21",
    "com.fasterxml.jackson.dataformat:jackson-dataformat-csv:2.21.2",
    "com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:2.21.2",
    "com.fasterxml.jackson.datatype:jackson-datatype-jdk8:2.21.2",
    "com.github.luben:zstd-jni:1.5.6-10",
    "org.xerial.snappy:snappy-java:1.1.10.7",
)


def cache_directory() -> Path:
    """Return where jars are kept: `$BEIANHUB_LOCAL_CACHE`, else `beianhub-local` in the user's cache."""
    own = os.environ.get(CACHE_VARIABLE)
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "beianhub-local"


def expected_hashes() -> dict[str, str]:
    """Return the SHA-256 (hexadecimal) of each jar by file name, from the committed list."""
    lines = files("beianhub_local").joinpath("kafka-jars.sha256").read_text("ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def kafka_jars(cache: Path | None = None) -> list[Path]:
    """Return Kafka's jars, verified, for a class path; fetches them when the cache is empty.

    Args:
        cache: Where to keep them, `cache_directory()` by default.

    Raises:
        LocalServerError: They cannot be fetched, or one is not the one that we know.
    """
    cache = cache or cache_directory()
    target = cache / f"kafka-{KAFKA_VERSION}"
    with _locked(cache):
        if not target.is_dir():
            _fetch(target)
        return verified(target)


def verified(directory: Path) -> list[Path]:
    """Return the jars in `directory`; raises `LocalServerError` unless they are exactly those of the list."""
    expected = expected_hashes()
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.glob("*.jar")}
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong:
        raise LocalServerError(
            f"refused: {', '.join(wrong)} in {directory} missing, unknown or not of the SHA-256 "
            "in kafka-jars.sha256; delete that directory to fetch the jars again"
        )
    return [directory / name for name in sorted(found)]


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    """Keep two test runs from fetching at once."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(target: Path) -> None:
    """Fill `target` at one stroke: a fetch that is cut short or refused leaves nothing behind."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="fetch-") as scratch:
        jars = Path(scratch, "jars")
        jars.mkdir()
        for path in _resolve(Path(scratch, "repository")):
            shutil.move(path, jars)
        verified(jars)
        jars.rename(target)


def _resolve(repository: Path) -> list[Path]:
    mirror = os.environ.get(MIRROR_VARIABLE) or MAVEN_CENTRAL_URL
    context = MavenContext(repo_cache=repository, remote_repos={"central": mirror}, timeout=60)
    named = [context.create_dependency(Coordinate.parse(f"{text}:::compile")) for text in COORDINATES]
    try:
        roots, others = context.resolver.resolve(named)
        needed = [*roots, *(each for each in others if each.scope in {"compile", "runtime"})]
        return [each.artifact.resolve() for each in needed]
    except (OSError, RuntimeError, ValueError, LookupError) as error:  # jgo has no error class of its own
        raise LocalServerError(
            f"cannot fetch Apache Kafka {KAFKA_VERSION} ({type(error).__name__}: {error}). It needs Maven Central "
            f"once: connect to the network, or name a mirror's URL in {MIRROR_VARIABLE} (hashes are checked all "
            f"the same), or, for tests, name a running broker in BEIANHUB_TEST_KAFKA=host:port"
        ) from error
