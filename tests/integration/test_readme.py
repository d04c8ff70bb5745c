"""The README's commands do what it says, in the order it says."""

import doctest
import shutil
from pathlib import Path

import pytest
from documented import console_blocks, shell

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.rst").read_text()


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
    assert ran == 8
    # In Python, with what the commands have left.
    code = f"import doctest; exit(doctest.testfile({str(ROOT / 'README.rst')!r}, False).failed)"
    status, output = shell(f'python -c "{code}"', tmp_path)
    assert status == 0, output
    assert ">>> model = table.load_model(4)" in README


def test_it_is_short():
    assert len(README.splitlines()) < 200


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
