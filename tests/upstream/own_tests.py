"""Run pylearn2's own tests, file by file, and compare with what is known of them.

    python own_tests.py CHECKOUT [part of the files' names]

Prints what failed that is not in ``known.txt``, and passes if there is nothing. The tests are those
of the checkout: they are run where they are, with its caches elsewhere.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
KNOWN = HERE / "known.txt"
SECONDS = 1200  # for a file


def known():
    """Return the tests that are known to fail."""
    lines = KNOWN.read_text().splitlines()
    return {line.split("  ")[0] for line in lines if line and not line.startswith("#")}


def run(checkout, file, directory):
    """Run a file's tests in a directory, into which some write; return their outcomes by name."""
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--assert=plain", "-p", "old_nose",
               "-p", "no:cacheprovider", "-n0", "-W", "ignore", "--rootdir", checkout,
               "-c", "/dev/null", "--import-mode=append", file]  # fmt: skip
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(checkout), str(HERE)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYLEARN2_BACKEND": "theano",
        "PYLEARN2_FLOATX": os.environ.get("PYLEARN2_FLOATX", "float64"),
        "PYTENSOR_FLAGS": os.environ.get("PYTENSOR_FLAGS", "mode=FAST_COMPILE"),
    }
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {str(file.relative_to(checkout)): "TIMEOUT"}
    found = re.findall(r"^(PASSED|FAILED|ERROR|SKIPPED) (?:\[\d+\] )?(\S+)", done.stdout, re.M)
    named = {}
    for outcome, name in found:  # the name begins with a path from the directory of the run
        path, separator, test = name.partition("::")
        place = (Path(directory) / path).resolve().relative_to(checkout.resolve())
        named[f"{place}{separator}{test}"] = outcome
    return named


def main(checkout, part=""):
    checkout = Path(checkout).absolute()
    files = sorted(f for f in (checkout / "pylearn2").rglob("test_*.py") if part in str(f))
    expected, counts, surprises = known(), Counter(), []
    for file in files:
        with tempfile.TemporaryDirectory() as directory:
            outcomes = run(checkout, file, directory)
        counts.update(outcomes.values())
        bad = sorted(name for name, how in outcomes.items() if how not in ("PASSED", "SKIPPED"))
        surprises += [name for name in bad if name not in expected]
        print(f"{file.relative_to(checkout)}: {dict(Counter(outcomes.values()))}", *bad, flush=True)
    print(dict(counts))
    print("not known:", *surprises, sep="\n    ") if surprises else print("nothing unknown failed")
    return bool(surprises)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
