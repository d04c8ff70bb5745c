"""Experiments that report and checkpoint, and are followed from elsewhere."""

import json
import os
import subprocess

import pytest
from required import require
from waiting import until

from pylearn2_jobman.jobman.files.records import read_records

EXPERIMENT = """
import time
from pathlib import Path

import numpy
import pylearn2_jobman


def run(state, channel):
    saved = channel.restored() or {"epoch": 0, "w": numpy.zeros(2)}
    weights = saved["w"]
    for epoch in range(saved["epoch"], state.n):
        weights = weights + epoch
        channel.report(epoch=epoch, valid_nll=1 / (epoch + 1))
        pylearn2_jobman.report(epoch=epoch, train_nll=2.0)
        print("epoch", epoch)
        while epoch == state.get("wait_at") and not Path(state.go).exists():
            if channel.switch() == "stop":
                channel.checkpoint({"epoch": epoch + 1, "w": weights})
                return channel.INCOMPLETE
            time.sleep(0.02)
    state.results = {"w": float(weights[0])}
    return channel.COMPLETE
"""


def insert(lab, **keys):
    with lab.table() as table:
        return table.insert(
            {"jobman.experiment": "reporting.run", "go": str(lab.path / "go"), **keys}
        )


def live(lab, job_id):
    with lab.table() as table:
        return table.live(ids=[job_id]).get(job_id)


def output_of(lab, job_id):
    found = live(lab, job_id)
    return "" if found is None else found.output


# Root without its right to read everything, on a machine of another name.
ELSEWHERE = [
    "unshare", "--uts", "sh", "-c",
    'hostname elsewhere && exec setpriv --bounding-set=-dac_override,-dac_read_search "$@"', "sh",
]  # fmt: skip


def test_another_user_elsewhere_follows_a_job_whose_files_he_cannot_see(postgres_lab):
    lab = postgres_lab
    alone = subprocess.run([*ELSEWHERE, "true"], capture_output=True, text=True)
    require("another user on another machine", alone.stderr or None)
    lab.write("reporting.py", EXPERIMENT)
    (lab.path / "exp").mkdir(mode=0o700)
    os.chown(lab.path / "exp", 65534, 65534)
    insert(lab, n=5, wait_at=3)
    worker = lab.start_worker("--heartbeat", "0.1")
    until(lambda: output_of(lab, 1).endswith("epoch 3"))

    def as_another(*arguments, start=subprocess.run, **options):
        return start(
            [*ELSEWHERE, *lab.command(*arguments)], cwd=lab.path, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip

    shown = as_another("show", lab.url, 1, "--exproot", lab.path / "exp", timeout=60).stdout
    assert "Progress\nepoch = 3\n" in shown
    assert "valid_nll = 0.25\n" in shown
    assert "The end of its output\nepoch 0\nepoch 1\nepoch 2\nepoch 3\n" in shown
    facts = json.loads(as_another("show", lab.url, 1, "--format", "json", timeout=60).stdout)
    assert (facts["live"]["epoch"], facts["live"]["train_nll"]) == (3, 2)

    follower = as_another("show", lab.url, 1, "--follow", "--lines", 1, start=subprocess.Popen)
    lab.processes.append(follower)
    assert follower.stdout.readline() == "epoch 3\n"
    (lab.path / "go").touch()
    told, _ = follower.communicate(timeout=60)
    follower.stderr.close()
    assert follower.returncode == 0
    assert "epoch 4\nThe experiment returned value is None\n" in told
    assert told.splitlines()[-1].startswith("job 1 DONE: epoch 4, valid_nll 0.2")
    assert worker.wait(60) == 0
    assert read_records(lab.files(1))["epoch"] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert [step for step, _ in live(lab, 1).curves["train_nll"]] == [0, 1, 2, 3, 4]


def test_a_plain_function_goes_on_where_it_was_with_all_it_reported(lab):
    pytest.importorskip("torch")
    lab.write("reporting.py", EXPERIMENT)
    insert(lab, n=6, wait_at=2)
    worker = lab.start_worker("--heartbeat", "0.1")
    until(lambda: output_of(lab, 1).endswith("epoch 2"))
    worker.terminate()
    worker.wait(60)
    assert lab.leftovers() == []
    assert (lab.files(1) / "checkpoint.pt").exists()
    assert live(lab, 1).at["epoch"] == 2
    (lab.path / "go").touch()
    lab.worker()
    assert lab.job(1).state.results.w == sum(range(6))
    assert not list(lab.files(1).glob("checkpoint*"))
    assert read_records(lab.files(1))["epoch"] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert len(live(lab, 1).curves["valid_nll"]) == 6


@pytest.mark.parametrize("how", ["--in-process", "-j2"])
def test_every_job_has_records_of_its_own(lab, how):
    lab.write("reporting.py", EXPERIMENT)
    for number in (2, 100):  # more than are written one by one
        insert(lab, n=number)
    lab.worker("-n0", how)
    for job_id, number in ((1, 2), (2, 100)):
        assert len(read_records(lab.files(job_id))["epoch"]) == 2 * number
        assert live(lab, job_id).at["epoch"] == number - 1


def test_an_experiment_without_a_table_reports_in_its_directory(lab):
    lab.write("reporting.py", EXPERIMENT)
    lab.jobman("cmdline", "-w", "here", "reporting.run", "n=2")
    assert read_records(lab.path / "here")["train_nll"][1::2] == [2, 2]


def test_who_follows_a_job_that_fails_gets_its_error(lab):
    lab.insert("fail")
    follower = lab.start("show", "--follow", lab.url, 1)
    assert follower.stdout.readline() == "job 1 START\n"
    lab.worker(code=1)
    told, _ = follower.communicate(timeout=60)
    assert "job 1 ERR_RUN\nValueError: deliberate failure\n" in told
    assert follower.returncode == 1
