"""How the ``jobman`` command starts, and how it fails."""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
IN_A_DELETED_DIRECTORY = """
mkdir "$1/gone" && cd "$1/gone" && rmdir "$1/gone"
jobman --version && jobman sql --help > /dev/null && jobman help parameters > /dev/null || exit 9
for command in 'jobman sqlstatus sqlite:///x.db?table=t' 'jobman cmdline lab.f' \
    "jobdispatch --local jobman sql x y" "pylearn2-train $1/x.yaml"; do
    $command; echo "exit code $?"
done 2>&1
"""


def test_in_a_deleted_directory_there_is_one_line_and_no_traceback(tmp_path):
    (tmp_path / "x.yaml").write_text("{}")
    run = subprocess.run(
        ["sh", "-c", IN_A_DELETED_DIRECTORY, "sh", tmp_path],
        env={"PATH": f"{BIN}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    version, *lines = run.stdout.splitlines()
    assert (run.returncode, version.split()[:2]) == (0, ["jobman,", "version"])
    assert len(lines) == 8
    assert all("the current directory has been deleted" in line for line in lines[::2]), lines
    assert set(lines[1::2]) == {"exit code 2"}
