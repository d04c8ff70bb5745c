"""Forked processes that exit or raise."""

import os
import sys


def main(state, channel):
    codes = []
    for way in (lambda: sys.exit(5), lambda: sys.exit(), lambda: os._exit(6), lambda: 1 / 0):
        pid = os.fork()
        if pid == 0:
            sys.stderr = open(os.devnull, "w")
            os.dup2(sys.stderr.fileno(), 2)
            state.results = {"who": "child"}
            way()
        codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    state.results = {"codes": codes}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
