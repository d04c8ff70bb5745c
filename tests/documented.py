"""What a page of documentation shows, as a test needs it: commands with their output, and files."""

__all__ = ["console_blocks", "python_files", "shell"]

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path


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


def python_files(text):
    """Yield the name and the content of each Python block that has a name."""
    pattern = r"\.\. code-block:: python\n   :caption: (\S+)\n\n((?:   .*\n|\n)+)"
    for name, content in re.findall(pattern, text):
        yield name, textwrap.dedent(content)


def shell(command, cwd):
    """Run a command where the last one has left off; return its exit code and output."""
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
