"""Commands run in this process."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from pylearn2_jobman.jobman.cli import jobman

Command = Callable[..., str]


@pytest.fixture
def run() -> Command:
    """Run a command; return what it printed, errors too."""

    def run(*words: object, code: int = 0) -> str:
        done = CliRunner().invoke(jobman, [str(word) for word in words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            if code == 0:
                raise done.exception
            return f"{done.output}{done.exception}"
        assert done.exit_code == code, done.output
        return done.output

    return run


@pytest.fixture
def facts(run: Command) -> Callable[..., Any]:
    """Run a command with --format json; return what it printed, which has to be valid JSON."""

    def facts(command: str, *words: object) -> Any:
        def refuse(constant: str) -> None:
            raise ValueError(f"{constant} is no JSON")

        return json.loads(run(command, "--format", "json", *words), parse_constant=refuse)

    return facts
