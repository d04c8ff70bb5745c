"""A worker whose own streams break: the jobs go on."""

import os
import pty
import signal
import subprocess

import pytest
from waiting import until

GONE = "standard output cannot be written to"


@pytest.mark.parametrize(
    ("redirection", "told"),
    [
        ("| head -1", GONE + ": Broken pipe"),
        (">/dev/full", GONE + ": No space left on device"),
        (">&-", GONE + ": it is closed"),
        (">&- 2>&- <&-", ""),
    ],
)
def test_what_is_printed_is_lost_and_the_jobs_go_on(lab, redirection, told):
    lab.insert("double", "x={{1,2}}")
    lab.insert("fail")
    worker = " ".join(f"'{word}'" for word in lab.command("sql", "-n0", lab.url, "exp"))
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {worker} {redirection}"],
        cwd=lab.path, env=lab.environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (lab.statuses(), done.returncode) == ({1: "DONE", 2: "DONE", 3: "ERR_RUN"}, 1)
    assert told in done.stderr
    assert done.stderr.count("cannot be written to") == bool(told)


def test_a_terminal_that_is_closed_ends_nothing(lab):
    lab.insert("steps", "n={{5,6}}")
    ours, theirs = pty.openpty()
    worker = subprocess.Popen(
        ["setsid", "--ctty", *lab.command("sql", "-n0", lab.url, "exp")],
        cwd=lab.path, env=lab.environment, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    until(lambda: any(lab.workdirs.glob("jobman-*/progress.txt")))
    os.close(ours)  # the kernel sends SIGHUP
    assert worker.wait(60) == 0
    assert lab.statuses() == {1: "DONE", 2: "DONE"}


def test_the_launching_command_passes_on_what_is_no_reason_to_stop(lab):
    lab.insert("steps", "n={{5,6}}")
    launcher = lab.start("launch", "--local", lab.url, "exp")
    until(lambda: any(lab.workdirs.glob("jobman-*/progress.txt")))
    launcher.send_signal(signal.SIGHUP)
    printed, _ = launcher.communicate(timeout=60)
    assert launcher.returncode == 0, printed
    assert lab.statuses() == {1: "DONE", 2: "DONE"}
