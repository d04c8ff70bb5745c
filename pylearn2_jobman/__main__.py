"""Run a script with ``import jobman`` and ``import pylearn2`` in place.

``python -m pylearn2_jobman script.py args`` runs an old script as ``python script.py args`` would.
"""

__all__ = ["main"]

import os
import runpy
import sys
from types import TracebackType

USAGE = """\
usage: python -m pylearn2_jobman script.py [arguments]

Runs the script as `python script.py` does, with `import jobman` and `import pylearn2` giving the
halves of pylearn2_jobman. For the command line see `jobman --help`.
"""


def main(argv: list[str]) -> int:
    """Run the script that ``argv`` names and return an exit code."""
    if not argv or argv[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0 if argv else 2
    script = argv[0]
    if not os.path.exists(script):  # noqa: PTH110 - Path would be imported for this alone
        print(f"python -m pylearn2_jobman: there is no file {script!r}", file=sys.stderr)
        return 2
    sys.argv[:] = argv
    sys.path[0] = os.path.dirname(os.path.abspath(script))  # noqa: PTH100, PTH120
    try:
        runpy.run_path(script, run_name="__main__")
    except Exception as error:
        error = error.with_traceback(_from_script(error.__traceback__, script))
        sys.excepthook(type(error), error, error.__traceback__)
        if isinstance(error, SyntaxError) and error.filename == script:
            # Not a note: Python 3.11.2 shows none on a SyntaxError.
            hint = f"(a Python 2 script? `jobman convert {script}` makes Python 3 of it)"
            print(hint, file=sys.stderr)
        return 1
    return 0


def _from_script(traceback: TracebackType | None, script: str) -> TracebackType | None:
    """Return the part of a traceback that begins in the script."""
    tail = traceback
    while tail is not None and tail.tb_frame.f_code.co_filename != script:
        tail = tail.tb_next
    return tail


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
