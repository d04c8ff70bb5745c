"""Working directories: whose they are, whether they are in use, and taking one over."""

import os
import signal

from pylearn2_jobman.jobman.files import workdir


def test_a_directory_knows_its_job(tmp_path):
    path = workdir.make(tmp_path, "jobs.db/mlp/12")
    assert path.parent == tmp_path
    assert path.name.startswith("jobman-mlp-12-")
    assert workdir.belongs_to(path) == "jobs.db/mlp/12"
    assert workdir.belongs_to(tmp_path) is None


def test_a_directory_that_was_left_is_taken_over_by_the_same_job_only(tmp_path):
    path = workdir.make(tmp_path, "jobs.db/mlp/12")
    assert workdir.take_over(str(path), "jobs.db/mlp/12") == path
    assert workdir.take_over(str(path), "jobs.db/mlp/13") is None
    assert workdir.take_over(str(tmp_path / "gone"), "jobs.db/mlp/12") is None
    assert workdir.take_over(None, "jobs.db/mlp/12") is None


def test_a_directory_is_in_use_while_the_process_lives_that_holds_it(tmp_path):
    path = workdir.make(tmp_path, "jobs.db/mlp/12")
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        lock = workdir.lock(path)
        os.write(tell, b"held")
        signal.pause()
        lock.close()
    os.read(ready, 4)
    assert workdir.in_use(path)
    assert workdir.take_over(str(path), "jobs.db/mlp/12") is None
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not workdir.in_use(path)
    os.close(ready)
    os.close(tell)
