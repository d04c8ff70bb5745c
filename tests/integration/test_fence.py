"""Workers with a list, and directories that rows and roots name, as an attacker would have them."""

import platform

import pytest

from pylearn2_jobman.jobman.files.workdir import WorkDirectory
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table.schedule import job_state

TRAIN = "pylearn2_jobman.experiment.train_experiment"


def test_a_worker_with_a_list_runs_what_is_on_it_and_says_why_not_the_rest(lab):
    (lab.path / "open_lab.py").write_text(
        "import os\n__all__ = ['double']\n"
        "def double(state, channel):\n    state.y = 2 * state.x\n    return channel.COMPLETE\n"
        "def hidden(state, channel):\n    os.mkdir('/tmp/never')\n"
    )
    reads = "!obj:pylearn2.datasets.csv_dataset.CSVDataset {path: /etc/passwd}"
    attempts = {
        ("os.system",): "permits only",
        ("open_lab.hidden",): "not in the __all__ of 'open_lab'",
        ("open_lab.os.system",): "nothing is reached through it",
        ("lab.double",): "permits only",
        (TRAIN, reads): "a job reads only in its directory",
        (TRAIN, "{a: '${HOME}'}"): "HOME is not given to jobs",
        (TRAIN, "!import pylearn2.train.os"): "not on the list that pylearn2.* stands for",
    }
    with lab.table() as table:
        good = table.insert(job_state("open_lab.double", {"x": 1}))
        states = [
            job_state(name, {"yaml_template": text[0]} if text else {"x": 1})
            for name, *text in attempts
        ]
        ids = dict(zip(table.insert_many(states, check=False).ids, attempts.values(), strict=True))
    lab.worker("-n0", "--allow", "pylearn2.*,open_lab.*", code=1)
    assert lab.job(good).state.y == 2
    for number, reason in ids.items():
        error = lab.job(number).state.jobman.error
        assert reason in error
        assert "root:" not in error


def test_no_file_is_written_through_a_link_that_lies_where_a_jobs_files_should(lab):
    (lab.path / "twice.py").write_text(
        "def twice(state, channel):\n    print('said')\n    state.n = state.get('n', 0) + 1\n"
        "    return channel.INCOMPLETE if state.n < 2 else channel.COMPLETE\n"
    )
    victim = lab.path / "victim"
    victim.write_text("kept\n")
    with lab.table() as table:
        number = table.insert(job_state("twice.twice", {"x": 1}))
    lab.worker("-n1")
    stdout = lab.files(number) / "stdout"
    stdout.unlink()
    stdout.symlink_to(victim)
    lab.worker("-n1")
    assert lab.statuses() == {number: "DONE"}
    assert victim.read_text() == "kept\n"
    assert not stdout.is_symlink()
    assert "said" in stdout.read_text()


def test_a_directory_that_a_row_names_is_left_alone_unless_it_is_the_users_own(lab):
    victim = lab.path / "victim"
    victim.write_text("kept\n")
    (number,) = lab.insert("double", "x=1")
    foreign = WorkDirectory.use(lab.path / "foreign", f"jobs.db/t/{number}")
    foreign.close()
    (foreign.path / "stdout").symlink_to(victim)
    foreign.path.chmod(0o777)  # anybody may have put the link there
    with lab.table() as table:
        claim = table.claim_job(number, [Status.START])
        where = {
            "jobman.sql.host_name": platform.node(),
            "jobman.sql.host_workdir": str(foreign.path),
        }
        table.write_back(claim, flatten(claim.state) | where, status=Status.START)
    lab.worker("-n1")
    assert lab.statuses() == {number: "DONE"}
    assert victim.read_text() == "kept\n"
    assert (foreign.path / "stdout").is_symlink()


@pytest.mark.postgresql
def test_a_worker_without_a_list_says_once_what_that_means(postgres_lab):
    ids = postgres_lab.insert("double", "x={{1,2}}")
    printed = postgres_lab.worker("-n1")
    assert printed.count("Whoever can write to this table can run code here") == 1
    printed = postgres_lab.worker("-n1", "--allow", "lab.double")
    assert "Whoever" not in printed
    assert set(postgres_lab.statuses().values()) == {"DONE"}
    assert len(ids) == 2
