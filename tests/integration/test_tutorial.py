"""The tutorial's commands, which are those that ``jobman init`` prints, lead to a ranked table."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

TUTORIAL = (Path(__file__).parents[2] / "docs" / "tutorial.rst").read_text()
ALIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
END = "---"


def steps():
    """Return the tutorial's commands, each with what it is said to print."""
    found = []
    for block in re.findall(r"\.\. code-block:: console\n\n((?:    .*\n|\n)+)", TUTORIAL):
        for line in (line[4:] for line in block.rstrip().splitlines()):
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("> "):
                found[-1] = (f"{found[-1][0]}\n{line[2:]}", [])
            else:
                found[-1][1].append(line)
    return found


def words(command):
    return command.replace("\\\n", " ").split()


def test_the_tutorial_trains_and_ranks(tmp_path):
    every = steps()
    done = subprocess.run(
        ["bash", "-c", "".join(f"{command} 2>&1\necho {END}\n" for command, _ in every)],
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    *printed, rest = done.stdout.split(f"{END}\n")
    assert (len(printed), rest) == (len(every), "")
    for (command, expected), output in zip(every, printed, strict=True):
        alike = doctest.OutputChecker().check_output("\n".join([*expected, ""]), output, ALIKE)
        assert alike, f"{command}\n{output}"
    assert len(printed[-1].splitlines()) == 11  # the ten best
    suggested = re.findall(r"^  (jobman (?:.*\\\n)*.*)", printed[0], re.MULTILINE)
    assert len(suggested) == 4
    assert [words(command) for command in suggested] == [
        words(command) for command, _ in every[1:] if "--dry-run" not in command
    ]
