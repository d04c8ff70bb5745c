"""The commands of docs/howto/editing.rst print what it says."""

import re
import shlex
from pathlib import Path

PAGE = Path(__file__).parents[4] / "docs" / "howto" / "editing.rst"


def test_each_command_prints_what_stands_below_it(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"code-block:: console\n\n((?:    .*\n)+)", PAGE.read_text("utf-8"))
    steps = re.findall(r"    \$ (.*)\n((?:    [^$].*\n)*)", block)
    assert len(steps) == 9
    for command, expected in steps:
        first, *words = shlex.split(command)
        if first == "export":
            for word in words:
                monkeypatch.setenv(*word.split("=", 1))
            continue
        refused = "    jobman: " in expected
        said = run(*words, code=2 if refused else 0)
        said = f"jobman: {said}" if refused else said
        shown = "".join(f"    {line}\n" for line in said.splitlines())
        assert shown == expected, command
