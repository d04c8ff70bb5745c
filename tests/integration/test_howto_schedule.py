"""The commands of "Schedule a sweep" print what that page says."""

import doctest
import json
import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "schedule.rst").read_text()
ALIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
END = "---"
# One program that forks for each command: to start Python for each would take most of the time.
FORKING = f"""
import json, os, sys
import torch, pylearn2_jobman.jobman.table
from pylearn2_jobman.jobman.cli import main
for command in json.load(sys.stdin):
    if not (child := os.fork()):
        os.dup2(1, 2)
        main(command)
    os.waitpid(child, 0)
    print("{END}", flush=True)
"""


def blocks(language):
    """Return the lines of the page's blocks in a language."""
    found = re.findall(rf"\.\. code-block:: {language}\n\n((?:    .*\n|\n)+)", PAGE)
    return [[line[4:] for line in block.rstrip().splitlines()] for block in found]


def arguments(commands):
    """Return the arguments that a shell makes of commands; assignments before them are known."""
    script = "\n".join(
        command.replace("jobman ", "printf '%s\\0' ", 1) + "\necho" if "jobman " in command
        else command
        for command in commands
    )  # fmt: skip
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    return [line.rstrip("\0").split("\0") for line in done.stdout.splitlines()]


def test_every_form_of_a_sweep(tmp_path):
    (file,) = blocks("ini")
    (tmp_path / "sweep.conf").write_text("\n".join(file) + "\n")
    steps = []
    for line in (line for block in blocks("console") for line in block):
        if line.startswith("$ "):
            steps.append((line[2:], []))
        else:
            steps[-1][1].append(line)
    commands = arguments([command for command, _ in steps])
    done = subprocess.run(
        [sys.executable, "-c", FORKING],
        input=json.dumps(commands), cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    *printed, rest = done.stdout.split(f"{END}\n")
    ran = [(command, output) for command, output in steps if command.startswith("jobman ")]
    assert (len(printed), rest) == (len(ran), "")
    assert len(ran) == 15
    for (command, expected), output in zip(ran, printed, strict=True):
        alike = doctest.OutputChecker().check_output("\n".join([*expected, ""]), output, ALIKE)
        assert alike, f"{command}\n{output}"
