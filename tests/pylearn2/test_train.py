"""Train runs epochs, extensions and saves in pylearn2's order."""

import logging

import pytest

from pylearn2_jobman.pylearn2.models.layers.weights import NormLimits
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.monitor import get_monitor, push_monitor
from pylearn2_jobman.pylearn2.termination_criteria import And, EpochCounter, Or
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.training_algorithms.default import DefaultTrainingAlgorithm
from pylearn2_jobman.pylearn2.training_algorithms.schedules import ExponentialDecay
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD
from pylearn2_jobman.pylearn2.utils import serial


class Diary(TrainExtension):
    def __init__(self):
        self.entries = []

    def setup(self, model, dataset, algorithm):
        self.entries.append("setup")

    def on_monitor(self, model, dataset, algorithm):
        self.entries.append(f"monitor {model.monitor.get_epochs_seen()}")

    def on_save(self, model, dataset, algorithm):
        self.entries.append(f"save {model.monitor.get_epochs_seen()}")


class StopAt(TrainExtension):
    def __init__(self, epoch):
        self.epoch = epoch

    def on_monitor(self, model, dataset, algorithm):
        if model.monitor.get_epochs_seen() == self.epoch:
            raise StopIteration


def sgd(dataset=None, epochs=3, **kwargs):
    return SGD(
        learning_rate=0.1,
        batch_size=10,
        monitoring_dataset=dataset,
        termination_criterion=EpochCounter(epochs),
        **kwargs,
    )


class Stop(Exception):
    pass


def at_boundary(train, number):
    """Let a train object stop at a boundary, counted from 1."""
    passed = []

    def act():
        passed.append(train.model.monitor.get_batches_seen())
        if len(passed) == number:
            raise Stop

    train.boundaries.append(act)
    return passed


def test_the_objective_falls(blobs, mlp):
    train = Train(dataset=blobs, model=mlp, algorithm=sgd(blobs, epochs=20))
    train.main_loop()
    record = train.model.monitor.channels["objective"].val_record
    assert len(record) == 21
    assert record[-1] < 0.8 * record[0]
    assert mlp.monitor.training_succeeded


def test_extensions_are_called_before_the_first_epoch_after_each_and_before_saves(
    blobs, mlp, tmp_path
):
    diary = Diary()
    Train(
        blobs,
        mlp,
        sgd(blobs),
        save_path=str(tmp_path / "m.pkl"),
        save_freq=2,
        extensions=[diary],
    ).main_loop()
    assert diary.entries == [
        *("setup", "monitor 0", "monitor 1", "monitor 2", "save 2", "monitor 3", "save 3")
    ]


def test_an_extension_may_be_added_until_training_begins(blobs, mlp):
    train, diary = Train(blobs, mlp, sgd(epochs=1)), Diary()
    train.extensions.append(diary)
    train.main_loop()
    assert diary.entries == ["setup", "monitor 0", "monitor 1"]


def test_an_extension_may_end_training(blobs, mlp):
    diary = Diary()
    Train(blobs, mlp, sgd(blobs, epochs=9), extensions=[StopAt(2), diary]).main_loop()
    assert mlp.monitor.get_epochs_seen() == 2
    assert diary.entries[-1] == "monitor 2"  # the others still see the last record


class Whether(TrainExtension):
    """Notes whether the training has succeeded."""

    def __init__(self):
        self.succeeded = []

    def on_monitor(self, model, dataset, algorithm):
        self.succeeded.append(model.monitor.training_succeeded)


def test_training_has_not_succeeded_before_its_end(blobs, mlp):
    whether = Whether()
    assert not get_monitor(mlp).training_succeeded
    Train(blobs, mlp, sgd(blobs, epochs=1), extensions=[whether]).main_loop()
    assert mlp.monitor.training_succeeded
    Train(blobs, mlp, sgd(blobs, epochs=1), extensions=[whether]).main_loop()
    assert whether.succeeded == [False] * 4
    assert not push_monitor(mlp, "before").monitor.training_succeeded


def test_the_saved_model_is_the_trained_one_with_its_records(blobs, mlp, tmp_path):
    path = tmp_path / "m.pkl"
    Train(blobs, mlp, sgd(blobs), save_path=str(path), save_freq=1).main_loop()
    loaded = serial.load(path)
    assert loaded.get_param_vector().tolist() == mlp.get_param_vector().tolist()
    assert loaded.monitor.channels["y_nll"].val_record == mlp.monitor.channels["y_nll"].val_record


def test_a_saved_model_is_trained_on(blobs, mlp, tmp_path):
    path = tmp_path / "m.pkl"
    Train(blobs, mlp, sgd(blobs, epochs=2), save_path=str(path), save_freq=1).main_loop()
    loaded = serial.load(path)
    Train(blobs, loaded, sgd(blobs, epochs=2)).main_loop()
    assert loaded.monitor.get_epochs_seen() == 4


def test_nothing_is_saved_without_save_freq(blobs, mlp, tmp_path, caplog):
    Train(blobs, mlp, sgd(epochs=1), save_path=str(tmp_path / "m.pkl")).main_loop()
    assert not (tmp_path / "m.pkl").exists()
    assert "save_freq is 0" in caplog.text


def test_the_save_path_may_come_from_the_environment(blobs, mlp, tmp_path, monkeypatch):
    monkeypatch.setenv("PYLEARN2_TRAIN_FILE_FULL_STEM", str(tmp_path / "mlp"))
    Train(blobs, mlp, sgd(epochs=1), save_freq=1).main_loop()
    assert (tmp_path / "mlp.pkl").exists()


def test_saving_without_a_path_is_refused_before_training(blobs, mlp, monkeypatch):
    monkeypatch.delenv("PYLEARN2_TRAIN_FILE_FULL_STEM", raising=False)
    with pytest.raises(ValueError, match="no save_path"):
        Train(blobs, mlp, sgd(), save_freq=1)


def test_an_existing_file_is_only_overwritten_where_that_is_allowed(blobs, mlp, tmp_path):
    path = tmp_path / "m.pkl"
    path.write_text("precious")
    train = Train(blobs, mlp, sgd(), save_path=str(path), save_freq=1, allow_overwrite=False)
    with pytest.raises(FileExistsError, match=r"m\.pkl exists"):
        train.main_loop()
    assert not hasattr(mlp, "monitor")  # nothing was trained
    assert path.read_text() == "precious"


def test_no_epoch_begins_when_the_time_is_over(blobs, mlp):
    Train(blobs, mlp, sgd(blobs, epochs=9)).main_loop(time_budget=0)
    assert mlp.monitor.get_epochs_seen() == 0
    assert mlp.monitor.time_budget_exceeded


def test_the_seconds_of_an_epoch_are_recorded_one_epoch_late_in_total(blobs, mlp):
    Train(blobs, mlp, sgd(blobs, epochs=2)).main_loop()
    channels = mlp.monitor.channels
    training = channels["training_seconds_this_epoch"].val_record
    total = channels["total_seconds_last_epoch"].val_record
    assert training[0] == 0 < training[1]
    assert total[:2] == [0, 0] < [total[2]]


def test_training_goes_on_with_a_trained_model(blobs, mlp):
    Train(blobs, mlp, sgd(blobs, epochs=2)).main_loop()
    Train(blobs, mlp, sgd(blobs, epochs=2)).main_loop()
    assert mlp.monitor.channels["objective"].epoch_record == [0, 1, 2, 2, 3, 4]


def test_training_without_monitoring_still_trains(blobs, mlp):
    before = mlp.get_param_vector()
    Train(blobs, mlp, sgd(epochs=2)).main_loop()
    assert mlp.monitor.channels == {}
    assert (mlp.get_param_vector() != before).any()


def test_the_constraints_hold_before_the_first_monitoring(blobs, mlp):
    mlp.layers[0].norm_limits = [NormLimits(0.1)]
    Train(blobs, mlp, sgd(blobs, epochs=1)).main_loop()
    assert mlp.monitor.channels["h0_col_norms_max"].val_record[0] == pytest.approx(0.1)


def test_boundaries_are_before_the_first_epoch_between_batches_and_after_each_epoch(blobs, mlp):
    train = Train(blobs, mlp, sgd(epochs=2))
    passed = at_boundary(train, 0)
    train.main_loop()
    assert passed == [0, *(1, 2, 3, 4, 4), *(5, 6, 7, 8, 8)]


def test_only_whole_epochs_of_a_dataset_without_positions_can_be_stopped(blobs, mlp, monkeypatch):
    class Plain:
        def __init__(self, batches):
            self.batches, self.size = batches, 10

        def __iter__(self):
            return iter(self.batches)

        def __next__(self):
            return next(self.batches)

    batches = blobs.batches
    monkeypatch.setattr(blobs, "batches", lambda *arguments: Plain(batches(*arguments)))
    train = Train(blobs, mlp, sgd(epochs=2))
    passed = at_boundary(train, 0)
    train.main_loop()
    assert passed == [0, 4, 8]


class Counting(Model):
    """A model that knows itself how to train."""

    def __init__(self):
        super().__init__()
        self.trained = 0

    def train_batch(self, dataset, batch_size):
        self.trained += 1
        return self.trained < 7


def test_a_model_that_trains_itself_goes_on_too(blobs):
    def make():
        algorithm = DefaultTrainingAlgorithm(batch_size=10, batches_per_iter=3)
        return Train(blobs, Counting(), algorithm)

    stopped, resumed = make(), make()
    at_boundary(stopped, 6)
    with pytest.raises(Stop):
        stopped.main_loop()
    assert stopped.model.trained == 4
    resumed.load_state_dict(stopped.state_dict())
    passed = at_boundary(resumed, 0)
    resumed.main_loop()
    assert passed == [5, 6, 6, 7, 7]


def test_the_seconds_of_an_epoch_are_those_of_both_its_parts(blobs, mlp):
    train = Train(blobs, mlp, sgd(blobs, epochs=1))
    at_boundary(train, 3)
    with pytest.raises(Stop):
        train.main_loop()
    state = train.state_dict()
    state["epoch_seconds"] += 100
    train.load_state_dict(state)
    train.main_loop()
    assert 100 < mlp.monitor.channels["training_seconds_this_epoch"].val_record[-1] < 200


def test_an_own_file_may_be_overwritten_when_training_is_resumed(blobs, mlp, tmp_path):
    path = tmp_path / "m.pkl"
    train = Train(blobs, mlp, sgd(), save_path=str(path), save_freq=1, allow_overwrite=False)
    at_boundary(train, 7)
    with pytest.raises(Stop):
        train.main_loop()
    assert path.exists()
    train.load_state_dict(train.state_dict())
    train.main_loop()
    assert serial.load(path).monitor.get_epochs_seen() == 3


def test_parts_without_a_state_are_named(blobs, mlp):
    def function(algorithm):
        pass

    class Callback:
        def __call__(self, algorithm):
            pass

    class Criterion(EpochCounter):
        state_dict = None

    criterion = Criterion(1)
    algorithm = sgd(update_callbacks=[function, Callback(), ExponentialDecay(2, 0.1)])
    algorithm.termination_criterion = And([Or([criterion]), EpochCounter(1)])
    train = Train(blobs, mlp, algorithm, extensions=[Diary()])
    named = [type(part) for part in train.parts_without_state()]
    assert named == [Diary, Criterion, Callback]


def test_the_log_names_the_time_of_each_epoch(blobs, mlp, caplog):
    with caplog.at_level(logging.INFO):
        Train(blobs, mlp, sgd(epochs=2)).main_loop()
    assert caplog.text.count("Time this epoch: 0:00:0") == 2


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"dataset": "mnist"}, "dataset must be a Dataset; it is a str"),
        ({"model": None}, "model must be a Model; it is missing"),
        ({"algorithm": None}, "algorithm must be a TrainingAlgorithm; it is missing"),
    ],
)
def test_a_part_that_is_not_what_it_should_be_is_refused(blobs, mlp, parts, message):
    with pytest.raises(TypeError, match=message):
        Train(**{"dataset": blobs, "model": mlp, "algorithm": sgd()} | parts)
