"""Training jobs that real signals stop, and that another process goes on with."""

import csv
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trainings
from waiting import until

from pylearn2_jobman.jobman.files.workdir import in_use
from pylearn2_jobman.jobman.table.schedule import job_state
from pylearn2_jobman.pylearn2.config import yaml_parse

_LONG = 200  # seconds, for a machine that others use too

TRAIN = "pylearn2.scripts.jobman.experiment.train_experiment"
SLOW = (
    trainings.FAMILIES["dropout"]
    .replace(
        "learning_rate: 1.0e-6,",
        "learning_rate: 1.0e-6, update_callbacks: !obj:trainings.Slow {},",
    )
    .replace("max_epochs: 4", "max_epochs: 25")
)


@pytest.fixture
def training_lab(lab):
    shutil.copytree(Path(trainings.__file__).parent, lab.path / "trainings")
    lab.environment["OMP_NUM_THREADS"] = "1"
    return lab


def insert(lab, text, extractor, count=1):
    states = [
        job_state(TRAIN, {"yaml_template": text, "extract_results": extractor, "number": number})
        for number in range(count)
    ]
    with lab.table() as table:
        table.insert_many(states, check=False)


def epochs(directory):
    """Return how many records a job's monitor.csv holds, if there is one."""
    path = directory / "monitor.csv"
    return len(path.read_text().splitlines()) - 1 if path.exists() else 0


def records(lab, job_id):
    """Return the rows of a job's monitor.csv without what the clock says."""
    with (lab.files(job_id) / "monitor.csv").open(newline="") as file:
        return [
            {k: v for k, v in row.items() if "seconds" not in k} for row in csv.DictReader(file)
        ]


def test_a_job_that_is_stopped_and_killed_ends_as_one_that_is_not(training_lab):
    lab = training_lab
    insert(lab, SLOW, "trainings.digest", count=2)
    stopped = lab.start_worker("-n0", "--import", "torch")
    until(lambda: lab.statuses()[1] == "DONE", timeout=_LONG)
    until(lambda: any(epochs(path) >= 3 for path in lab.workdirs.glob("jobman-t-2-*")), _LONG)
    stopped.send_signal(signal.SIGTERM)
    stopped.communicate(timeout=_LONG)
    assert lab.statuses() == {1: "DONE", 2: "START"}
    summary = json.loads((lab.files(2) / "checkpoint.json").read_text())
    assert 2 <= summary["epoch"] < 25
    assert lab.job(2).state.jobman.progress.epoch == summary["epoch"]

    killed = lab.start_worker("--save-every", "0.3", "--progress", "y_misclass")
    until(lambda: saved_epoch(lab, 2) > summary["epoch"], timeout=_LONG)
    killed.kill()
    killed.communicate(timeout=_LONG)
    assert 0 <= lab.job(2).state.jobman.progress.channels.y_misclass <= 1
    until(lambda: not any(map(in_use, lab.workdirs.glob("jobman-*"))))
    for left in lab.workdirs.glob("jobman-*"):  # as if another machine went on
        shutil.rmtree(left)
    lab.jobman("sqlstatus", "-q", "--set_status=START", lab.url, "2")
    lab.worker(timeout=_LONG)

    assert lab.statuses() == {1: "DONE", 2: "DONE"}
    stdout = (lab.files(2) / "stdout").read_text()
    assert stdout.count("Training resumes from a checkpoint") == 2
    assert lab.job(2).state.results == lab.job(1).state.results
    assert records(lab, 2) == records(lab, 1)
    assert not list(lab.files(2).glob("checkpoint*"))


def saved_epoch(lab, job_id):
    """Return the epoch of the checkpoint that reached the experiment root."""
    return json.loads((lab.files(job_id) / "checkpoint.json").read_text())["epoch"]


STOPPED = ("adagrad", "convolution", "denoising_autoencoder", "dropout", "momentum", "phases")


def test_trainings_stopped_all_the_time_by_several_workers_end_as_undisturbed_ones(training_lab):
    lab = training_lab
    for family in STOPPED:
        insert(lab, trainings.FAMILIES[family], "trainings.digest", count=2)
    jobs = {family: (2 * n + 1, 2 * n + 2) for n, family in enumerate(STOPPED)}
    undisturbed = f"jobman.id in ({', '.join(str(first) for first, _ in jobs.values())})"
    lab.worker("-n0", "-j2", "--import", "torch", "--select", undisturbed, timeout=_LONG)
    # Each returns INCOMPLETE after so many seconds, and is taken by whoever comes first.
    hasty = ("-n0", "-j4", "--import", "torch", "--finish-up-after")
    workers = [lab.start_worker(*hasty, seconds) for seconds in (0.05, 0.15)]
    printed = [worker.communicate(timeout=_LONG)[0] for worker in workers]
    lab.worker(*hasty, 0.1, timeout=_LONG)  # what the others put back at their end
    assert lab.statuses() == dict.fromkeys(range(1, 2 * len(STOPPED) + 1), "DONE"), printed
    attempts = {job_id: lab.job(job_id).state.jobman.sql.attempts for job_id in lab.statuses()}
    for family, (expected, stopped) in jobs.items():
        assert lab.job(stopped).state.results == lab.job(expected).state.results, family
        assert records(lab, stopped) == records(lab, expected), family
    assert max(attempts.values()) > 2
    assert lab.leftovers() == []


PYLEARN2_TRAIN = "from pylearn2_jobman.running.train_command import main; main()"

EXTRACTOR = """
from pathlib import Path
import trainings

def extract(train_obj):
    print("extracting")
    {body}
"""


def test_an_extractor_is_mended_without_training_again(training_lab):
    lab = training_lab
    lab.write("extractor.py", EXTRACTOR.format(body="return train_obj.digits"))
    insert(lab, trainings.FAMILIES["phases"], "extractor.extract")
    lab.worker(code=1, timeout=_LONG)
    assert "has no attribute 'digits'" in lab.job(1).state.jobman.error
    assert (lab.files(1) / "checkpoint.pt").exists()

    lab.write("extractor.py", EXTRACTOR.format(body="return trainings.digest(train_obj)"))
    lab.jobman("sqlstatus", "-q", "--set_status=START", lab.url, "1")
    lab.worker(timeout=_LONG)
    assert lab.statuses() == {1: "DONE"}
    stdout = (lab.files(1) / "stdout").read_text()
    assert stdout.count("Time this epoch") == 6
    assert stdout.count("extracting") == 2
    assert len(lab.job(1).state.results.digest) == 40
    assert not (lab.files(1) / "checkpoint.pt").exists()


def test_a_training_outside_jobman_is_stopped_and_gone_on_with(training_lab, tmp_path, monkeypatch):
    lab = training_lab
    text = SLOW.replace("extensions: [", "save_path: model.pkl, save_freq: 1, extensions: [")
    (lab.path / "mlp.yaml").write_text(text)

    def start(*options):
        process = subprocess.Popen(
            [sys.executable, "-c", PYLEARN2_TRAIN, *options, "mlp.yaml"],
            cwd=lab.path, env=lab.environment, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        lab.processes.append(process)
        return process

    stopped = start()
    until(lambda: (lab.path / "model.pkl").exists(), timeout=_LONG)
    stopped.send_signal(signal.SIGINT)
    output, _ = stopped.communicate(timeout=_LONG)
    assert stopped.returncode == 128 + signal.SIGINT, output
    assert "resume it with --resume" in output
    assert (lab.path / "mlp.checkpoint.pt").exists()
    resumed = start("--resume")
    output, _ = resumed.communicate(timeout=_LONG)
    assert resumed.returncode == 0, output
    assert not list(lab.path.glob("*checkpoint*"))

    (tmp_path / "whole").mkdir()
    monkeypatch.chdir(tmp_path / "whole")
    yaml_parse.load(text).main_loop()
    assert trainings.saved_models(tmp_path / "whole") == trainings.saved_models(lab.path)
