"""What is noted about a run without asking anybody."""

import sys

import pytest

from pylearn2_jobman.jobman.worker import provenance


@pytest.fixture
def outside_batch(monkeypatch):
    for name in provenance._BATCH_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("SGE_ROOT", raising=False)
    return monkeypatch


def test_outside_a_batch_system_there_are_no_numbers(outside_batch):
    assert provenance.batch_ids() == {}


def test_the_numbers_of_a_batch_system_are_noted(outside_batch):
    outside_batch.setenv("SLURM_JOB_ID", "7")
    outside_batch.setenv("SLURM_ARRAY_TASK_ID", "3")
    assert provenance.batch_ids() == {
        "jobman.sql.slurm_job_id": "7",
        "jobman.sql.slurm_array_task_id": "3",
    }


def test_a_plain_job_id_counts_only_with_grid_engine_around(outside_batch):
    outside_batch.setenv("JOB_ID", "9")
    assert provenance.batch_ids() == {}
    outside_batch.setenv("SGE_ROOT", "/opt/sge")
    assert provenance.batch_ids() == {"jobman.sql.job_id": "9"}


def test_the_threads_are_those_of_pytorch_or_of_the_environment(monkeypatch):
    class Torch:
        get_num_threads = staticmethod(lambda: 5)

    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setitem(sys.modules, "torch", Torch)
    assert provenance.after_run()["jobman.provenance.threads"] == 5
    monkeypatch.delitem(sys.modules, "torch")
    assert provenance.after_run()["jobman.provenance.threads"] == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert "jobman.provenance.threads" not in provenance.after_run()


def test_a_gpu_that_was_not_used_is_not_woken(monkeypatch):
    class Torch:
        __version__ = "2.0"
        get_num_threads = staticmethod(lambda: 1)

        class cuda:
            @staticmethod
            def is_initialized():
                return False

            @staticmethod
            def get_device_name():
                raise AssertionError("woken")

    monkeypatch.setitem(sys.modules, "torch", Torch)
    assert "jobman.provenance.gpu" not in provenance.after_run()
    Torch.cuda.is_initialized = staticmethod(lambda: True)
    Torch.cuda.get_device_name = staticmethod(lambda: "H100")
    assert provenance.after_run()["jobman.provenance.gpu"] == "H100"
