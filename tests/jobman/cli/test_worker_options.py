"""The options of `jobman sql` are a worker's settings."""

import dataclasses
import signal

import pytest

from pylearn2_jobman.jobman.cli.run.cmdline import cmdline
from pylearn2_jobman.jobman.cli.run.sql import sql
from pylearn2_jobman.jobman.worker.settings import WorkerSettings

FIELDS = {field.name for field in dataclasses.fields(WorkerSettings)}


def settings(*options):
    """Return the settings that a command line leads to."""
    given = sql.make_context("jobman sql", [*options, "DB", "EXPROOT"]).params
    return WorkerSettings(**{name: value for name, value in given.items() if name in FIELDS})


def test_without_options_the_settings_are_the_defaults():
    assert settings() == WorkerSettings()


def test_every_setting_but_the_end_that_slurm_gives_is_an_option():
    assert FIELDS - {parameter.name for parameter in sql.params} == {"ends_at"}


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        (["--import", "a, b", "--import=c"], "preload", ("a", "b", "c")),
        (["--gpus", "0,1"], "gpus", ("0", "1")),
        (["--gpus", "0,1", "--gpus", "2"], "gpus", ("2",)),
        (["--threads", "4"], "threads", 4),
        (["--save-every", "0"], "save_every_seconds", None),
        (["--stop-signal", "usr2"], "stop_signal", signal.SIGUSR2),
        (["--wait-for-jobs"], "wait_for_jobs", True),
        (["--watch"], "wait_for_jobs", True),
        (["--retry-for", "5"], "retry_for_seconds", 5),
        (["--retry-for", "1h30m"], "retry_for_seconds", 5400),
        (["--job-time-limit", "2h"], "job_time_limit_seconds", 7200),
        (["--retry", "a*", "--retry", "b, c"], "retry", ("a*", "b, c")),
        (["--patience=5"], "retry_for_seconds", 5),
    ],
)
def test_options_are_read(options, name, value):
    assert getattr(settings(*options), name) == value


def test_saving_every_0_seconds_is_never_in_cmdline_too():
    given = cmdline.make_context("jobman cmdline", ["--save-every", "0", "module.function"])
    assert given.params["save_every"] is None
