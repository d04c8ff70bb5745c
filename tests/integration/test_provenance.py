"""What the state tells about a run."""

import platform
import subprocess

import pytest

import pylearn2_jobman


@pytest.fixture
def repository(lab):
    """Make the lab's directory a git repository; return a function that runs git."""

    def git(*arguments):
        identity = ["-c", "user.name=lab", "-c", "user.email=lab@example.org"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=lab.path, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q")
    git("add", "lab.py")
    git("commit", "-q", "-m", "the lab")
    return git


def test_a_job_records_code_versions_machine_and_use(lab, repository):
    lab.environment["SLURM_JOB_ID"] = "123"
    lab.insert("show")
    lab.worker()
    job = lab.job(1).state.jobman
    assert job.sql.host_name == platform.node()
    assert job.sql.slurm_job_id == "123"
    assert job.sql.host_workdir.startswith(str(lab.workdirs))
    assert job.sql.start_time <= job.start_time <= job.end_time
    assert job.run_time == pytest.approx(job.end_time - job.start_time, abs=1)  # by two clocks
    provenance = job.provenance
    assert provenance.python == platform.python_version()
    assert provenance.pylearn2_jobman_version == pylearn2_jobman.__version__
    assert provenance.git_commit == repository("rev-parse", "HEAD")
    assert provenance.git_dirty is False
    assert 1 < provenance.peak_memory_mib < 10_000
    assert 0 < provenance.cpu_seconds < 60


def test_changes_that_are_not_committed_are_noted(lab, repository):
    with (lab.path / "lab.py").open("a") as file:
        file.write("# a change\n")
    lab.insert("show")
    lab.worker()
    assert lab.job(1).state.jobman.provenance.git_dirty is True


def test_code_outside_a_repository_has_no_commit(lab):
    lab.insert("show")
    lab.worker()
    assert "git_commit" not in lab.job(1).state.jobman.provenance
