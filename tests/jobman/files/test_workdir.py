"""Working directories: whose they are, whether they are in use, and taking one over."""

import os
import signal

from pylearn2_jobman.jobman.files import workdir
from pylearn2_jobman.jobman.files.workdir import WorkDirectory

JOB = "jobs.db/mlp/12"


def left(parent):
    """A working directory that a worker has left."""
    directory = WorkDirectory.make(parent, JOB)
    directory.close()
    return directory.path


def test_a_directory_knows_its_job(tmp_path):
    directory = WorkDirectory.make(tmp_path, JOB)
    assert directory.path.parent == tmp_path
    assert directory.path.name.startswith("jobman-mlp-12-")
    assert workdir.belongs_to(directory.path) == JOB
    assert workdir.belongs_to(tmp_path) is None
    directory.close()


def test_a_directory_that_was_left_is_taken_over_by_the_same_job_only(tmp_path):
    path = left(tmp_path)
    assert WorkDirectory.take_over(path, "jobs.db/mlp/13") is None
    assert WorkDirectory.take_over(tmp_path / "gone", JOB) is None
    assert WorkDirectory.take_over(None, JOB) is None
    taken = WorkDirectory.take_over(path, JOB)
    assert (taken.path, taken.taken_over) == (path, True)
    taken.close()


def test_a_directory_that_another_slot_of_the_worker_uses_is_not_taken_over(tmp_path):
    directory = WorkDirectory.make(tmp_path, JOB)
    assert workdir.in_use(directory.path)
    assert WorkDirectory.take_over(directory.path, JOB) is None
    directory.close()
    assert not workdir.in_use(directory.path)


def test_a_directory_that_is_given_up_is_taken_over_by_nobody(tmp_path):
    directory = WorkDirectory.make(tmp_path, JOB)
    path = directory.path
    directory.give_up()
    directory.close()
    assert WorkDirectory.take_over(path, JOB) is None
    directory.own()
    WorkDirectory.take_over(path, JOB).close()


def test_a_directory_is_in_use_while_the_process_lives_that_locked_it(tmp_path):
    path = left(tmp_path)
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        workdir.lock(path)
        os.write(tell, b"held")
        signal.pause()
    os.read(ready, 4)
    assert workdir.in_use(path)
    assert WorkDirectory.take_over(path, JOB) is None
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not workdir.in_use(path)
    os.close(ready)
    os.close(tell)


def test_directories_that_were_given_up_are_removed_once_their_workers_are_gone(tmp_path):
    kept, used, gone = (WorkDirectory.make(tmp_path, JOB) for _ in range(3))
    kept.close()
    for directory in (used, gone):
        directory.give_up()
    gone.close()
    workdir.remove_given_up(tmp_path)
    assert kept.path.exists()
    assert used.path.exists()
    assert not gone.path.exists()
    used.close()
