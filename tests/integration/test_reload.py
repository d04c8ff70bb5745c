"""Files back into the table: ``jobman sqlreload`` and ``jobman sync``."""

import pytest
from waiting import until

from pylearn2_jobman.jobman.parameters.conf import read_conf, write_conf
from pylearn2_jobman.jobman.status import Status


@pytest.fixture
def done(lab):
    """Three jobs that have been run: two done, one failed."""
    lab.insert("double", "x={{1,2}}")
    lab.insert("fail")
    lab.worker("-n0", "-j2", code=1)
    lab.directory = "exp/jobs.db/t"
    return lab


def states(lab):
    with lab.table() as table:
        return {job.id: (job.status.name, job.state) for job in table.jobs()}


def test_a_lost_table_is_made_again_from_the_files(done):
    lab = done
    before = states(lab)
    for file in lab.path.glob("jobs.db*"):
        file.unlink()
    printed = lab.jobman("sqlreload", "--all", lab.url, lab.directory)
    assert printed.splitlines()[0] == "job 1 is DONE now (it was not in the table)"
    assert states(lab) == before
    again = lab.jobman("sqlschedules", "-q", lab.url, "lab.double", "x={{1,2,3}}")
    assert again.startswith("Added 1 on 3 jobs")


def test_a_job_that_could_not_be_stored_is_repaired(done):
    lab = done
    with lab.table() as table:
        table.set_status([1], Status.ERR_SYNC)
    lab.jobman("sqlreload", lab.url, lab.directory, "1")
    assert lab.statuses()[1] == "DONE"
    assert lab.job(1).state.jobman.status == Status.DONE


@pytest.mark.parametrize(
    "damage", [lambda text: "", lambda text: text[: text.index("results") + 12], lambda text: "a"]
)
def test_a_damaged_file_is_refused_by_name_and_the_others_go_on(done, damage):
    lab = done
    path = lab.files(1) / "current.conf"
    path.write_text(damage(path.read_text()))
    before = lab.job(1)
    printed = lab.jobman("sqlreload", "--all", lab.url, lab.directory, code=1)
    assert f"{lab.directory}/1/current.conf" in printed
    assert "damaged" in printed
    assert "job 2 is DONE now" in printed
    assert lab.job(1).state == before.state


def test_a_directory_of_another_job_or_table_is_refused(done):
    lab = done
    path = lab.files(1) / "current.conf"
    write_conf(path, read_conf(path) | {"jobman.id": 2})
    assert "is of job 2" in lab.jobman("sqlreload", lab.url, lab.directory, "1", code=1)
    write_conf(path, read_conf(path) | {"jobman.id": 1, "jobman.experiment": "lab.other"})
    assert "is of another job" in lab.jobman("sqlreload", lab.url, lab.directory, "1", code=1)
    wrong = lab.url.replace("table=t", "table=u")
    assert "does not belong to" in lab.jobman("sqlreload", wrong, lab.directory, "1", code=2)
    assert "no directory" in lab.jobman("sqlreload", lab.url, lab.directory, "99", code=2)
    assert "or --all" in lab.jobman("sqlreload", lab.url, lab.directory, code=2)


def test_a_running_job_is_left_alone(done):
    lab = done
    lab.insert("steps", "n=60")
    process = lab.start_worker("--save-every", "0.2")
    until(lambda: lab.job(4).state.get("i", 0) > 0)
    assert "is running now" in lab.jobman("sqlreload", lab.url, lab.directory, "4", code=1)
    process.terminate()
    process.communicate(timeout=20)
    assert lab.statuses()[4] == "START"


def test_what_could_not_be_stored_is_stored_by_sync(lab):
    lab.insert("steps", "n=5")
    process = lab.start_worker("--retry-for", "0.5")
    until(lambda: any(lab.workdirs.glob("jobman-*/progress.txt")))
    (lab.path / "exp").rmdir()
    (lab.path / "exp").write_text("in the way")
    process.communicate(timeout=30)
    assert lab.statuses() == {1: "ERR_SYNC"}
    assert "cannot be made" in lab.jobman("sync", lab.url, "exp", code=2)
    (lab.path / "exp").unlink()
    printed = lab.jobman("sync", lab.url, "exp")
    assert "stored; job 1 is DONE now" in printed
    assert lab.statuses() == {1: "DONE"}
    assert "error" not in lab.job(1).state.jobman
    assert (lab.files(1) / "progress.txt").read_text() == "5"
    assert lab.leftovers() == []


def test_sync_leaves_alone_what_runs_or_is_to_be_gone_on_with(lab):
    lab.insert("steps", "n=60")
    process = lab.start_worker("--lease", "1")
    until(lambda: any(lab.workdirs.glob("jobman-*/progress.txt")))
    assert "job 1 is running in it" in lab.jobman("sync", lab.url, "exp")
    process.kill()
    process.communicate(timeout=10)
    until(lambda: "resumes job 1 in it" in lab.jobman("sync", "--lease=1", lab.url, "exp"))
    assert len(lab.leftovers()) == 1


def test_sync_refuses_a_directory_that_is_none_of_the_tables(lab):
    (lab.path / "thesis").mkdir()
    lab.insert("double", "x=1")
    assert "no working directory" in lab.jobman("sync", lab.url, "exp", "thesis", code=1)
    assert (lab.path / "thesis").exists()
