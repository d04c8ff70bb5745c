"""The interpreter's settings."""

import gc
import resource
import sys


def main(state, channel):
    state.results = {
        "flags": str(sys.flags),
        "recursion": sys.getrecursionlimit(),
        "switch": sys.getswitchinterval(),
        "traced": sys.gettrace() is None and sys.getprofile() is None,
        "hook": sys.excepthook is sys.__excepthook__,
        "collector": gc.isenabled(),
        "thresholds": list(gc.get_threshold()),
        "files": list(resource.getrlimit(resource.RLIMIT_NOFILE)),
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
