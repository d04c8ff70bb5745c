"""The README's commands do what it says, in the order it says."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.rst").read_text()


def console_blocks(text):
    """Yield the console examples of a reStructuredText as lists of (command, expected output)."""
    for block in re.findall(r"\.\. code-block:: console\n\n((?:    .*\n|\n)+)", text):
        steps = []
        for line in block.rstrip().splitlines():
            line = line[4:]
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
        yield [(command, "".join(f"{line}\n" for line in output)) for command, output in steps]


def shell(command, cwd):
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "COLUMNS": "200",
    }
    done = subprocess.run(
        ["bash", "-c", f"{command}\npwd > {cwd}/.pwd"],
        cwd=(cwd / ".pwd").read_text().strip() if (cwd / ".pwd").exists() else cwd,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_example_of_the_readme(tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    first, *blocks = console_blocks(README)
    assert [command.split("#")[0].strip() for command, _ in first] == ["make demo", "make test"]
    same = doctest.OutputChecker().check_output
    ran = 0
    for command, expected in (step for block in blocks for step in block):
        status, output = shell(command, tmp_path)
        assert status == 0, f"{command}\n{output}"
        assert same(expected, output, doctest.ELLIPSIS), f"{command}\n{output}"
        ran += 1
    assert ran == 9


@pytest.mark.parametrize("name", ["mlp.yaml", "mlp.conf"])
def test_the_files_it_shows_are_the_files_there_are(name):
    shown = README.split(f"``{name}``", 1)[1].split(".. code-block:: ", 1)[1]
    lines = [line.strip() for line in shown.splitlines()[1:] if line.startswith("    ")]
    there = (ROOT / "examples" / "digits" / name).read_text()
    for line in lines:
        if name == "mlp.conf" and "=" not in line:
            break
        if line == "...":
            break
        assert line in there
    assert len(lines) > 4


def test_the_demo_runs_the_same_grid():
    demo = (ROOT / "examples" / "digits" / "demo.sh").read_text()
    for grid in ("learning_rate={{0.5,0.2,0.1,0.05}}", "nhid={{25,50,100}}"):
        assert f"'hyper_parameters.{grid}'" in demo
        assert f"'hyper_parameters.{grid}'" in README
