"""What a training job asks its channel, and leaves in its directory and its state."""

import csv
import sys
import types
from pathlib import Path

import pytest
import torch
import trainings
from trainings import FAMILIES

from pylearn2_jobman import DD, train_experiment
from pylearn2_jobman.errors import CheckpointError
from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.running import preemption
from pylearn2_jobman.running.progress import progress_keys

SMALL = FAMILIES["dropout"]
PHASES = FAMILIES["phases"]


class Channel:
    """Gives answers by the number of the question."""

    COMPLETE, INCOMPLETE = "complete", "incomplete"

    def __init__(self, answers=None, state=None):
        self.answers = answers or {}
        self.asked = 0
        self.said = []
        self.progress = []
        self.state = state

    def switch(self, message=None):
        self.asked += 1
        if message is not None:
            self.said.append(message)
        return self.answers.get(self.asked)

    def save(self):
        self.progress.append(dict(self.state.jobman.progress) if self.state else None)


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(preemption, "_ASK_SECONDS", 0)
    trainings.TRAINED.clear()
    return tmp_path


def job(text=SMALL, **keys):
    keys.setdefault("extract_results", "trainings.remember")
    return DD(yaml_template=text, hyper_parameters={}, jobman=DD(), **keys)


def rows(path="monitor.csv"):
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("answer", ["stop", "finish-up"])
def test_a_job_is_stopped_with_a_checkpoint_and_what_it_achieved(answer):
    state = job()
    channel = Channel({12: answer}, state)
    assert train_experiment(state, channel) == "incomplete"
    assert Path("checkpoint.pt").exists()
    assert channel.progress == [state.jobman.progress]
    assert state.jobman.progress["batches"] == 8
    assert "results" not in state


def test_a_job_that_ends_leaves_no_checkpoint(directory):
    train_experiment(job(), Channel({5: "save"}))
    assert not list(directory.glob("*checkpoint*"))
    assert not list(directory.glob(".*"))


def test_the_progress_names_the_channels_that_the_extractor_and_the_user_name(monkeypatch):
    lab = types.ModuleType("lab")
    lab.extract = lambda train: {"nll": train.model.monitor.channels["y_nll"].val_record[-1]}
    monkeypatch.setitem(sys.modules, "lab", lab)
    monkeypatch.setenv("JOBMAN_PROGRESS", "learning_rate, no_such_channel")
    state = job(extract_results="lab.extract")
    train_experiment(state, Channel())
    progress = state.jobman.progress
    assert progress["channels"].keys() == {"y_nll", "learning_rate"}
    assert progress["channels"]["y_nll"] == state.results["nll"]
    assert (progress["epoch"], progress["batches"], progress["examples"]) == (4, 16, 160)
    assert progress["seconds"] > 0


def test_channels_that_cannot_be_keys_are_left_out_of_the_progress():
    names = ["a.b", "a.b.c", "x" * 101, "never recorded"]
    channels = {name: types.SimpleNamespace(val_record=[1]) for name in names}
    channels["never recorded"].val_record.clear()
    monitor = types.SimpleNamespace(channels=channels, get_epochs_seen=lambda: 3)
    phase = types.SimpleNamespace(model=types.SimpleNamespace(monitor=monitor))
    assert progress_keys(phase, names) == {"epoch": 3, "channels": {"a.b.c": 1.0}}


def test_without_names_the_progress_has_the_main_channel(monkeypatch):
    state = job(extract_results="pylearn2_jobman.experiment.results_extractor")
    train_experiment(state, Channel())
    assert state.jobman.progress["channels"].keys() == {"objective"}


def test_the_records_are_a_table_with_a_row_for_each():
    train_experiment(job(), Channel())
    monitor = trainings.TRAINED.pop().model.monitor
    table = rows()
    assert list(table[0])[:4] == ["epoch", "batch", "example", "seconds"]
    assert list(table[0])[4:] == list(monitor.channels)
    assert [row["batch"] for row in table] == ["0", "4", "8", "12", "16"]
    for name, channel in monitor.channels.items():
        assert [float(row[name]) for row in table] == channel.val_record


def test_rows_of_epochs_that_are_gone_back_before_are_replaced():
    state = job()
    train_experiment(state, Channel({8: "stop"}))
    with Path("monitor.csv").open("a") as file:
        file.write("9,9,9,9\n9,9")  # as one that was killed left it
    train_experiment(state, Channel())
    assert [row["epoch"] for row in rows()] == ["0", "1", "2", "3", "4"]


def test_each_phase_has_its_table_and_the_last_one_the_usual_name():
    train_experiment(job(PHASES), Channel())
    first, second, last = map(rows, ("monitor.phase1.csv", "monitor.phase2.csv", "monitor.csv"))
    assert [row["epoch"] for row in first] == ["0", "1", "2"]
    assert "y_nll" not in first[0]
    assert [row["epoch"] for row in second] == ["0", "1", "2"]
    assert [row["epoch"] for row in last] == ["0", "1", "2", "2", "3", "4"]  # the same model


def test_event_files_are_written_where_they_are_wanted(monkeypatch):
    event_accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator"
    )
    monkeypatch.setenv("JOBMAN_TENSORBOARD", "1")
    state = job()
    train_experiment(state, Channel({13: "stop"}))
    train_experiment(state, Channel())
    events = event_accumulator.EventAccumulator("tensorboard").Reload()
    monitor = trainings.TRAINED.pop().model.monitor
    scalars = events.Scalars("y_nll")
    assert [event.step for event in scalars] == [0, 1, 2, 3, 4]
    expected = torch.tensor(monitor.channels["y_nll"].val_record)
    assert torch.equal(torch.tensor([event.value for event in scalars]), expected)


def test_an_extractor_that_fails_costs_no_training(monkeypatch):
    lab = types.ModuleType("lab")
    lab.extract = lambda trained: {"nll": trained.model}
    monkeypatch.setitem(sys.modules, "lab", lab)
    state = job(PHASES, extract_results="lab.extract")
    with pytest.raises(AttributeError, match="'list' object has no attribute 'model'"):
        train_experiment(state, Channel())
    state.extract_results = "trainings.remember"
    channel = Channel()
    train_experiment(state, channel)
    assert channel.asked == 0
    assert state.results["y_nll"] > 0
    assert not Path("checkpoint.pt").exists()


def test_another_yaml_text_is_refused_unless_a_restart_is_wanted(monkeypatch):
    train_experiment(job(), Channel({9: "stop"}))
    state = job(SMALL.replace("max_epochs: 4", "max_epochs: 3"))
    with pytest.raises(CheckpointError, match=r"max_epochs: 3.*--restart"):
        train_experiment(state, Channel())
    monkeypatch.setenv("JOBMAN_RESTART", repr(Path("checkpoint.pt").stat().st_mtime + 1))
    train_experiment(state, Channel())
    assert state.jobman.progress["epoch"] == 3


NEW_FILE = "save_path: own.pkl, save_freq: 1, allow_overwrite: false"


def test_a_later_phase_overwrites_what_it_saved_before_the_training_was_killed():
    class Killed(Exception):
        pass

    class Deadly(Channel):
        def switch(self, message=None):
            if Path("own.pkl").exists():
                raise Killed
            return super().switch(message)

    state = job(PHASES.replace("dataset: &coded", f"{NEW_FILE}, dataset: &coded"))
    with pytest.raises(Killed):
        train_experiment(state, Deadly({5: "save"}))
    assert Path("checkpoint.pt").exists()  # of the first phase
    assert train_experiment(state, Channel()) == "complete"


def test_a_training_that_is_restarted_overwrites_what_it_saved(monkeypatch):
    state = job(SMALL.replace("algorithm:", f"{NEW_FILE}, algorithm:"))
    assert train_experiment(state, Channel({12: "stop"})) == "incomplete"
    assert Path("own.pkl").exists()
    monkeypatch.setenv("JOBMAN_RESTART", repr(Path("checkpoint.pt").stat().st_mtime + 1))
    assert train_experiment(state, Channel()) == "complete"


def test_a_file_of_another_training_is_not_overwritten():
    Path("own.pkl").write_text("precious")
    with pytest.raises(FileExistsError, match=r"own\.pkl exists"):
        train_experiment(job(SMALL.replace("algorithm:", f"{NEW_FILE}, algorithm:")), Channel())
    assert Path("own.pkl").read_text() == "precious"


class Counting(TrainExtension):
    """A user's extension, with state, without the two methods."""

    count = 0

    def on_monitor(self, model, dataset, algorithm):
        self.count += 1


class Unkeepable(Counting):
    def state_dict(self):
        return {"file": Path("x")}

    def load_state_dict(self, state):
        pass


@pytest.fixture
def lab(monkeypatch):
    module = types.ModuleType("lab")
    module.Counting, module.Unkeepable = Counting, Unkeepable
    monkeypatch.setitem(sys.modules, "lab", module)
    return module


def with_extension(name):
    return SMALL.replace("extensions: [", f"extensions: [ {name}, {name},")


def test_an_extension_without_state_is_named_once(lab, caplog):
    train_experiment(job(with_extension("!obj:lab.Counting {}")), Channel())
    assert caplog.text.count("Counting has no state_dict() and load_state_dict()") == 1


def test_a_state_that_no_checkpoint_holds_is_an_error_before_training(lab):
    channel = Channel()
    with pytest.raises(CheckpointError, match=r"extensions\[0\]\.file is a pathlib"):
        train_experiment(job(with_extension("!obj:lab.Unkeepable {}")), channel)
    assert channel.asked == 1


def test_a_state_is_looked_at_before_training_and_not_again_until_it_is_saved(lab):
    looked = []

    class Watched(Unkeepable):
        def state_dict(self):
            looked.append(channel.asked)
            return {}

    lab.Watched = Watched
    channel = Channel({9: "save"})
    text = SMALL.replace("extensions: [", "extensions: [ !obj:lab.Watched {},")
    train_experiment(job(text), channel)
    assert looked == [1, 9, channel.asked]  # the last time to be there if the extractor fails


class Loop:
    """A train object of another origin."""

    def __init__(self, steps):
        self.steps, self.step = steps, 0
        self.seen = []

    def main_loop(self):
        while self.step < self.steps:
            self.step += 1
            self.seen.append(self.step)


class Extended(Loop):
    def __init__(self, steps):
        super().__init__(steps)
        self.extensions = []

    def main_loop(self):
        while self.step < self.steps:
            self.step += 1
            self.seen.append(self.step)
            for extension in self.extensions:
                extension.on_monitor(None, None, None)


class Kept(Extended):
    def state_dict(self):
        return {"step": self.step, "weights": torch.full((2,), float(self.step))}

    def load_state_dict(self, state):
        assert state["weights"].tolist() == [state["step"]] * 2
        self.step = state["step"]


@pytest.fixture
def loops(lab, monkeypatch):
    made = []

    def extract(train_obj):
        made.append(train_obj)
        return {"steps": train_obj.step}

    lab.Loop, lab.Extended, lab.Kept, lab.extract = Loop, Extended, Kept, extract
    return made


def loop(kind):
    return job(f"!obj:lab.{kind} {{ steps: 5 }}", extract_results="lab.extract")


def test_a_train_object_of_another_origin_goes_on_where_it_was(loops):
    assert train_experiment(loop("Kept"), Channel({2: "stop"})) == "incomplete"
    assert train_experiment(loop("Kept"), Channel({2: "finish-up"})) == "incomplete"
    assert train_experiment(loop("Kept"), Channel()) == "complete"
    assert loops.pop().seen == [3, 4, 5]


def test_one_without_state_is_stopped_and_its_progress_is_lost(loops, caplog):
    assert train_experiment(loop("Extended"), Channel({2: "stop"})) == "incomplete"
    assert caplog.text.count("its progress is lost") == 1
    assert "the progress of this phase is lost" in caplog.text
    assert not Path("checkpoint.pt").exists()
    assert train_experiment(loop("Extended"), Channel()) == "complete"
    assert loops.pop().seen == [1, 2, 3, 4, 5]


def test_one_without_state_goes_on_when_it_may_as_well_finish(loops):
    assert train_experiment(loop("Extended"), Channel({2: "finish-up"})) == "complete"


def test_one_without_state_needs_no_pytorch(loops, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for needs_it in ("running.packing", "pylearn2.utils.state"):
        monkeypatch.delitem(sys.modules, f"pylearn2_jobman.{needs_it}", raising=False)
    assert train_experiment(loop("Extended"), Channel()) == "complete"


def test_one_without_extensions_trains_and_says_that_it_cannot_be_stopped(loops, caplog):
    assert train_experiment(loop("Loop"), Channel({1: "stop"})) == "complete"
    assert "has no extensions: if it is stopped, its progress is lost" in caplog.text
