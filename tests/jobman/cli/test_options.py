"""The commands and options of LISA's jobman are those of ours."""

import json
from pathlib import Path

import click
import pytest

from pylearn2_jobman.jobman.cli import jobman

LISA = Path(__file__).parents[2] / "data" / "lisa"
OPTIONS = json.loads((LISA / "cli_options.json").read_text())["options"]
FORMER = {"analyze", "cachesync", "raw", "rsync_any", "serve"}


@pytest.fixture
def context():
    return click.Context(jobman, info_name="jobman")


@pytest.mark.parametrize("name", sorted(OPTIONS.keys() - FORMER))
def test_every_option_is_there(context, name):
    command = jobman.get_command(context, name)
    ours = {option for parameter in command.params for option in parameter.opts}
    assert set(OPTIONS[name]) <= ours


@pytest.mark.parametrize("name", sorted(FORMER))
def test_a_former_command_says_what_to_use(context, name):
    with pytest.raises(click.UsageError, match=r"not a command any more: .*(jobman|python)"):
        jobman.resolve_command(context, [name])


def test_the_overview_has_every_command_and_each_has_a_summary(context):
    text = jobman.get_help(context)
    for name in jobman.list_commands(context):
        assert f"  {name} " in text
        assert jobman.get_command(context, name).name == name
