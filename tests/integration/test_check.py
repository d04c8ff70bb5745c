"""``jobman check``: what it finds in a table, and what it repairs."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from pylearn2_jobman.jobman.status import Status

LISA = Path(__file__).parents[1] / "data" / "lisa"


@pytest.fixture
def silent(lab):
    """A table with a job whose worker is gone."""
    lab.insert("double", "x=1")
    with lab.table() as table:
        table.claim(info={"jobman.sql.host_name": "node7", "jobman.sql.slurm_job_id": "123"})
    return lab


def batch_system(lab, **programs):
    """Put programs with the names of a batch system's before all others."""
    directory = lab.path / "bin"
    directory.mkdir()
    for name, script in programs.items():
        (directory / name).write_text(f"#!/bin/sh\n{script}\n")
        (directory / name).chmod(0o755)
    lab.environment["PATH"] = f"{directory}:{os.environ['PATH']}"


def test_a_table_in_order_is_in_order(lab):
    lab.insert("double", "x=1")
    lab.worker()
    assert lab.jobman("check", lab.url) == (
        "I: number of job by status (0:START, 0:RUNNING, 1:DONE, 0:ERR_START, 0:ERR_SYNC, "
        "0:ERR_RUN, 0:CANCELED) in the db (1:TOTAL)\n\n"
    )


def test_a_job_whose_worker_is_gone_is_reported_and_put_back(silent):
    lab = silent
    printed = lab.jobman("check", "--lease", "0", lab.url, code=1)
    assert "E: Job 1 runs on node7, with no sign of life since" in printed
    assert "--repair puts it back to START" in printed
    assert lab.statuses() == {1: "RUNNING"}
    lab.jobman("check", "--lease", "0", "--repair", lab.url)
    assert lab.statuses() == {1: "START"}


def test_a_job_with_a_recent_sign_of_life_is_left_alone(silent):
    lab = silent
    assert "node7" not in lab.jobman("check", "--repair", lab.url)
    assert lab.statuses() == {1: "RUNNING"}


def test_slurm_is_asked_and_believed(silent):
    lab = silent
    batch_system(lab, squeue="[ $4 = 123 ] && echo RUNNING")
    printed = lab.jobman("check", "--lease", "0", "--repair", lab.url, code=1)
    assert "Slurm has its job 123 as RUNNING; left alone" in printed
    assert lab.statuses() == {1: "RUNNING"}
    (lab.path / "bin" / "squeue").write_text(
        "#!/bin/sh\necho 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1\n"
    )
    printed = lab.jobman("check", "--lease", "0", "--repair", lab.url)
    assert "Slurm has no job 123 any more; put back to START" in printed
    assert lab.statuses() == {1: "START"}


def test_slurm_is_asked_for_the_one_task_of_an_array(lab):
    """The last task's own number stands for the whole array."""
    lab.insert("double", "x=1")
    slurm = {"slurm_job_id": "100", "slurm_array_job_id": "100", "slurm_array_task_id": "3"}
    with lab.table() as table:
        table.claim(info={f"jobman.sql.{name}": value for name, value in slurm.items()})
    batch_system(lab, squeue="[ $4 = 100_3 ] && echo RUNNING")
    printed = lab.jobman("check", "--lease", "0", lab.url, code=1)
    assert "Slurm has its job 100_3 as RUNNING" in printed


def test_pbs_is_asked(lab):
    lab.insert("double", "x=1")
    with lab.table() as table:
        table.claim(info={"jobman.sql.pbs_jobid": "77.head"})
    batch_system(lab, qstat="echo Job Id: $2; echo '    job_state = R'")
    printed = lab.jobman("check", "--lease", "0", lab.url, code=1)
    assert "PBS has its job 77.head as R" in printed


def test_a_job_that_lisas_jobman_left_doubled_is_mended(lab):
    path = lab.path / "corrupt.sqlite"
    shutil.copy(LISA / "corrupt_two_status_rows.sqlite", path)
    with sqlite3.connect(path) as connection:
        (name,) = connection.execute(
            "SELECT name FROM sqlite_master WHERE name LIKE '%trial' AND type = 'table'"
        ).fetchone()
    connection.close()
    url = f"sqlite:///{path}?table={name.removesuffix('trial')}"
    assert "--repair mends it" in lab.jobman("check", url, code=1)
    assert "; mended" in lab.jobman("check", "--repair", "--lease=0", url, code=1)
    assert "mends it" not in lab.jobman("check", url, code=1)


def test_a_table_of_lisas_jobman_is_worked_on(lab):
    """Jobs in a database that the original wrote are run again, and keep what they had."""
    path = lab.path / "lisa.sqlite"
    shutil.copy(LISA / "lisa_jobs_small.sqlite", path)
    lab.url = f"sqlite:///{path}?table=t_"
    experiment = "jobman.examples.def_addition.addition_example"
    with lab.table() as table:
        done = [job.id for job in table.jobs(status=Status.DONE)]
        again = [i for i in done if table.get(i).state.jobman.experiment == experiment][:3]
        table.set_status(again, Status.START)
    assert len(again) == 3
    lab.worker("-n3", "--select", f"jobman.experiment = {experiment}")
    for job_id in again:
        job = lab.job(job_id)
        assert job.status is Status.DONE
        assert job.state.result == job.state.first + job.state.second
        assert job.state.jobman.provenance.python
