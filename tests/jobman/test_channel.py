"""What an experiment's channel answers."""

import numpy
import pytest
import torch

from pylearn2_jobman.errors import CheckpointError, NotStorableError
from pylearn2_jobman.jobman.channel import Channel, EmptyChannel, NoWorker
from pylearn2_jobman.jobman.state import DD


@pytest.fixture
def clock(monkeypatch):
    """Let a test set the time that channels see."""
    now = [100.0]
    monkeypatch.setattr("pylearn2_jobman.jobman.channel.time.monotonic", lambda: now[0])
    return now


def test_the_constants_are_those_of_lisas_jobman():
    assert (Channel.COMPLETE, Channel.INCOMPLETE) == (None, True)
    assert [int(Channel.START), int(Channel.DONE), int(Channel.CANCELED)] == [0, 2, -1]


def test_switch_answers_nothing_while_there_is_nothing_to_do():
    assert Channel(DD()).switch() is None


class Worker(NoWorker):
    """A worker that remembers what it gets, and asks to stop."""

    def __init__(self):
        self.saved, self.reports = [], []

    def save(self, flat):
        self.saved.append(flat)

    def report(self, text):
        self.reports.append(text)

    def request(self):
        return "stop"


def test_stop_is_answered_for_as_long_as_it_is_asked():
    channel = Channel(DD(), Worker(), finish_up_after_seconds=0)
    assert [channel.switch(), channel()] == ["stop", "stop"]


def test_finish_up_is_answered_from_its_time_on(clock):
    channel = Channel(DD(), finish_up_after_seconds=10)
    clock[0] = 109
    assert channel.switch() is None
    clock[0] = 110
    assert [channel.switch(), channel.switch()] == ["finish-up", "finish-up"]


def test_save_is_answered_once_every_so_often(clock):
    channel = Channel(DD(), save_every_seconds=10)
    answers = []
    for clock[0] in (105, 110, 111, 119, 120, 121):
        answers.append(channel.switch())
    assert answers == [None, "save", None, None, "save", None]


def test_saving_starts_the_time_to_the_next_save_anew(clock):
    channel = Channel(DD(), save_every_seconds=10)
    clock[0] = 109
    channel.save()
    clock[0] = 115
    assert channel.switch() is None


def test_save_and_switch_saves_the_flat_state_first():
    worker = Worker()
    assert Channel(DD(a=DD(b=1)), worker).save_and_switch() == "stop"
    assert worker.saved == [{"a.b": 1}]


def test_saving_what_cannot_be_stored_names_the_key():
    with pytest.raises(NotStorableError, match=r"'a\.b'"):
        Channel(DD(a=DD(b=object()))).save()


@pytest.mark.parametrize(
    ("remote", "host", "path"),
    [
        ("/exp/lab/mlp/7", "", "/exp/lab/mlp/7"),
        ("ssh://me@files:exp/lab/mlp/7", "me@files", "exp/lab/mlp/7"),
    ],
)
def test_it_knows_where_a_jobs_files_are_kept(tmp_path, remote, host, path):
    channel = Channel(DD(), workdir=tmp_path, remote=remote)
    assert (channel.path, channel.host, channel.remote_path) == (str(tmp_path), host, path)
    assert not hasattr(Channel(DD(), workdir=tmp_path), "remote_path")


def test_an_experiment_can_be_tried_with_an_empty_channel():
    channel = EmptyChannel()
    assert channel.save_and_switch() is channel.COMPLETE


def test_a_message_reaches_the_worker():
    worker = Worker()
    Channel(DD(), worker).switch("epoch 3")
    assert worker.reports == ["epoch 3"]


def channel_of(experiment, directory, worker=None):
    state = DD(jobman=DD(experiment=experiment))
    return Channel(state, worker, workdir=directory)


def test_what_a_checkpoint_holds_is_restored_and_the_state_saved_with_it(tmp_path):
    worker = Worker()
    channel = channel_of("lab.train", tmp_path, worker)
    assert channel.restored() is None
    generator = numpy.random.default_rng(3)
    kept = {
        "epoch": 3, "weights": torch.eye(2), "more": {"best": (0.5, None)}, "model": b"pickled",
        "w": numpy.arange(3, dtype="int8"), "generator": generator,
    }  # fmt: skip
    channel.checkpoint(kept)
    assert worker.saved == [{"jobman.experiment": "lab.train"}]
    again = channel_of("lab.train", tmp_path).restored()
    assert torch.equal(again.pop("weights"), kept["weights"])
    assert numpy.array_equal(again.pop("w"), kept["w"])
    assert again.pop("generator").random() == generator.random()
    assert again == {"epoch": 3, "more": {"best": (0.5, None)}, "model": b"pickled"}


def test_a_damaged_checkpoint_is_made_up_for_by_the_one_before(tmp_path, caplog):
    channel = channel_of("lab.train", tmp_path)
    for epoch in range(3):
        channel.checkpoint({"epoch": epoch})
    (tmp_path / "checkpoint.pt").write_bytes(b"half")
    assert channel_of("lab.train", tmp_path).restored() == {"epoch": 1}
    assert "checkpoint.pt is damaged" in caplog.text


def test_another_experiments_checkpoint_is_refused(tmp_path, monkeypatch):
    channel_of("lab.train", tmp_path).checkpoint({"epoch": 1})
    with pytest.raises(CheckpointError, match=r"experiment was 'lab\.train', and is 'lab\.other'"):
        channel_of("lab.other", tmp_path).restored()
    monkeypatch.setenv("JOBMAN_RESTART", "1e12")
    assert channel_of("lab.train", tmp_path).restored() is None


def test_what_no_checkpoint_can_hold_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"model\.layer is a .*Linear"):
        channel_of("lab.train", tmp_path).checkpoint({"model": {"layer": torch.nn.Linear(1, 1)}})


def test_the_channel_of_no_job_checkpoints_where_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    EmptyChannel().checkpoint({"epoch": 2})
    assert EmptyChannel().restored() == {"epoch": 2}
