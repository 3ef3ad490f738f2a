"""Become a server process that cannot outlive its parent; run as a script, never imported.

`python -I -S launch.py PARENT_PID SIGNAL UID GID COMMAND...` drops root's rights (UID -1 keeps them), asks
Linux for SIGNAL when the parent dies, then replaces itself with COMMAND. A script of its own instead of
`preexec_fn`, because that one runs Python between fork and exec and may deadlock in a process with threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(arguments: list[str]) -> None:
    """Prepare this process and replace it with the command."""
    parent, death_signal, uid, gid = map(int, arguments[:4])
    command = arguments[4:]
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if libc is not None:
        # After setuid, which clears it.
        libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:  # the parent died before the kernel was asked
        sys.exit("the parent process is gone")
    os.execv(command[0], command)  # noqa: S606 - the point of this script; no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
