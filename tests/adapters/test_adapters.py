"""Adapters record curves where extractors look, and go on from a stop as if there had been none."""

import importlib.util
import random

import numpy as np
import pytest
import torch
from torch import nn

from pylearn2_jobman import DD, train_experiment
from pylearn2_jobman.adapters.estimator import EstimatorTrainer
from pylearn2_jobman.adapters.module import ModuleTrainer
from pylearn2_jobman.errors import NameNotAllowedError
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.train_extensions.best_params import MonitorBasedSaveBest
from pylearn2_jobman.pylearn2.utils import serial
from pylearn2_jobman.running import preemption

pytest.importorskip("sklearn")
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


def data(which, number=60):
    """Return examples of three classes."""
    rng = np.random.RandomState({"train": 0, "valid": 1}[which])
    y = rng.randint(3, size=number)
    return rng.normal(size=(number, 4)) + np.eye(4)[y] * 2, y


def lines(which):
    X, _ = data(which)
    return X, X @ [1.0, -2.0, 0.5, 0.0]


def network():
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))


def own_generator():
    X, y = map(torch.as_tensor, data("train"))
    dataset = torch.utils.data.TensorDataset(X.float(), y)
    generator = torch.Generator().manual_seed(3)
    return torch.utils.data.DataLoader(dataset, 20, shuffle=True, generator=generator)


def outcome(trainer):
    """An extractor: all records, and what the model makes of examples it has not seen."""
    model = trainer.model
    predict = getattr(getattr(model, "estimator", None), "predict_proba", None) or model.predict
    if hasattr(model, "module"):
        predict = model.predict_proba
    return {
        "records": repr({k: list(c.val_record) for k, c in model.monitor.channels.items()}),
        "epochs": model.monitor.get_epochs_seen(),
        "predicted": repr(np.asarray(predict(data("valid")[0])).tolist()),
    }


ESTIMATOR = """!obj:pylearn2_jobman.adapters.estimator.EstimatorTrainer {
    estimator: !obj:%s,
    dataset: !obj:test_adapters.data { which: train },
    monitoring_dataset: !obj:test_adapters.data { which: valid },
    %s
}"""
PIPELINE = """sklearn.pipeline.Pipeline { steps: [
    [scale, !obj:sklearn.preprocessing.StandardScaler {}],
    [last, !obj:sklearn.neural_network.MLPClassifier { hidden_layer_sizes: [5], random_state: 0 }]
] }"""
MODULE = """!obj:pylearn2_jobman.adapters.module.ModuleTrainer {
    module: !obj:test_adapters.network {},
    dataset: %s,
    monitoring_dataset: !obj:test_adapters.data { which: valid },
    batch_size: 20,
    optimizer: !import torch.optim.Adam,
    optimizer_options: { lr: 0.01 },
    scheduler: !import torch.optim.lr_scheduler.StepLR,
    scheduler_options: { step_size: 1, gamma: 0.5 },
    max_epochs: 3
}"""
LIGHT = "lightgbm.LGBMClassifier { n_estimators: 4, num_leaves: 4, n_jobs: 1, verbosity: -1 }"
STOPPED = {
    "partial_fit": ESTIMATOR % (PIPELINE, "max_epochs: 4"),
    "forest": ESTIMATOR
    % (
        "sklearn.ensemble.RandomForestClassifier { n_estimators: 6, random_state: 0 }",
        "max_epochs: 3",
    ),
    "boosting": ESTIMATOR
    % (
        "sklearn.ensemble.HistGradientBoostingClassifier { max_iter: 4, random_state: 0 }",
        """termination_criterion: !obj:pylearn2.termination_criteria.MonitorBased {
            channel_name: valid_y_nll, N: 1, prop_decrease: 0.5 }""",
    ),
    "folds": (ESTIMATOR % ("sklearn.linear_model.LogisticRegression {}", "folds: 3")).replace(
        "    monitoring_dataset: !obj:test_adapters.data { which: valid },\n", ""
    ),
    "lightgbm": ESTIMATOR % (LIGHT, "save_path: model.pkl"),
    "xgboost": ESTIMATOR
    % ("xgboost.XGBClassifier { n_estimators: 4, n_jobs: 1 }", "save_path: model.pkl"),
    "module": MODULE % "!obj:test_adapters.data { which: train }",
    "module whose loader draws by itself": MODULE % "!obj:test_adapters.own_generator {}",
    "lightning": """!obj:pylearn2_jobman.adapters.lightning.LightningTrainer {
        trainer: !obj:lightning.Trainer {
            max_epochs: 4,
            accelerator: cpu,
            logger: false,
            enable_checkpointing: false,
            enable_progress_bar: false,
            enable_model_summary: false
        },
        module: !obj:in_lightning.Network {},
        dataset: !obj:in_lightning.loader { which: train },
        monitoring_dataset: !obj:in_lightning.loader { which: valid },
        classifies: true
    }""",
}


class Channel:
    """A channel that stops a training at its n-th question; None: never."""

    COMPLETE, INCOMPLETE = None, True

    def __init__(self, stop_at=None):
        self.stop_at, self.asked = stop_at, 0

    def switch(self, message=None):
        self.asked += 1
        return "stop" if self.stop_at is not None and self.asked >= self.stop_at else None

    def save(self):
        pass


@pytest.fixture
def train(monkeypatch, tmp_path_factory, request):
    """A function that trains what a YAML text describes, stopped after numbers of questions."""
    monkeypatch.setattr(preemption, "_ASK_SECONDS", 0)
    monkeypatch.syspath_prepend(str(request.path.parent))

    def train(text, *stops):
        monkeypatch.chdir(tmp_path_factory.mktemp("run"))
        for stop in [*stops, None]:
            random.seed(0)
            np.random.seed(0)
            torch.manual_seed(0)
            state, channel = DD(yaml_template=text, hyper_parameters={}), Channel(stop)
            state.extract_results = "test_adapters.outcome"
            if train_experiment(state, channel) is channel.COMPLETE:
                return dict(state.results), channel.asked
        raise AssertionError("it did not come to an end")

    return train


def marks(name):
    """Lightning warns of what a test has on purpose: no workers, no logger, few batches."""
    return [pytest.mark.filterwarnings("ignore")] if name == "lightning" else []


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=name, marks=marks(name)) for name, text in STOPPED.items()]
)
def test_a_stop_changes_nothing(train, text):
    for library in ("lightgbm", "xgboost", "lightning"):
        if f"!obj:{library}" in text and importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    expected, asked = train(text)
    assert asked >= 3
    for stops in ((2,), (asked - 1,), (asked // 2, 3, 2)):
        assert train(text, *stops)[0] == expected, stops


def test_rounds_that_draw_begin_to_draw_anew_after_a_stop(train):
    """What the libraries keep of their draws is not in their boosters: the docstring says so."""
    pytest.importorskip("lightgbm")
    text = STOPPED["lightgbm"].replace(
        "verbosity", "subsample: 0.5, subsample_freq: 1, min_child_samples: 2, verbosity"
    )
    (expected, _), (stopped, _) = train(text), train(text, 4)
    assert stopped["epochs"] == expected["epochs"] == 4
    assert stopped != expected


@pytest.mark.parametrize("labels", [[0, 1, 2], [7, 3, 9], ["a", "c", "b"]])
def test_the_rounds_of_lightgbm_are_those_of_its_own_fit(labels):
    lightgbm = pytest.importorskip("lightgbm")
    make = lambda: lightgbm.LGBMClassifier(n_estimators=4, n_jobs=1, verbosity=-1)  # noqa: E731
    sets = [(X, np.array(labels)[y]) for X, y in (data("train"), data("valid"))]
    trainer = EstimatorTrainer(make(), *sets)
    trainer.main_loop()
    own = make().fit(*sets[0])
    X, y = sets[1]
    assert np.array_equal(trainer.model.predict_proba(X), own.predict_proba(X))
    channels = trainer.model.monitor.channels
    assert channels["valid_y_nll"].epoch_record == [1, 2, 3, 4]
    assert channels["valid_objective"].val_record == channels["valid_y_nll"].val_record
    assert channels["valid_y_nll"].val_record[-1] == pytest.approx(
        log_loss(y, own.predict_proba(X))
    )
    assert channels["valid_y_misclass"].val_record[-1] == np.mean(own.predict(X) != y)
    assert trainer.model.estimator.get_params()["n_estimators"] == 4


def test_a_criterion_ends_the_rounds_of_lightgbm():
    lightgbm = pytest.importorskip("lightgbm")
    from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter

    estimator = lightgbm.LGBMClassifier(n_estimators=9, n_jobs=1, verbosity=-1)
    trainer = EstimatorTrainer(estimator, data("train"), termination_criterion=EpochCounter(2))
    trainer.main_loop()
    assert trainer.model.monitor.channels["train_y_nll"].epoch_record == [1, 2]
    assert trainer.model.estimator.booster_.current_iteration() == 2


@pytest.mark.parametrize("name", ["lightgbm.LGBMClassifier", "xgboost.XGBClassifier"])
def test_the_best_round_is_kept_while_the_others_pass(name, tmp_path, monkeypatch):
    library, _, cls = name.partition(".")
    make = getattr(pytest.importorskip(library), cls)
    monkeypatch.chdir(tmp_path)
    trainer = EstimatorTrainer(
        Pipeline([("scale", StandardScaler()), ("last", make(n_estimators=40, n_jobs=1))]),
        data("train"),
        data("valid"),
        extensions=[MonitorBasedSaveBest("valid_y_nll", "best.pkl")],
    )
    trainer.main_loop()
    X, y = data("valid")
    record = trainer.model.monitor.channels["valid_y_nll"].val_record
    best = serial.load("best.pkl")
    assert min(record) < record[-1]
    assert log_loss(y, best.predict_proba(X)) == pytest.approx(min(record), rel=1e-5)
    assert log_loss(y, trainer.model.predict_proba(X)) == pytest.approx(record[-1], rel=1e-5)


def test_a_held_out_part_and_further_scores():
    from sklearn.linear_model import LogisticRegression

    X, y = data("train")
    dataset = DenseDesignMatrix(X=X, y=y.reshape(-1, 1), y_labels=3)
    trainer = EstimatorTrainer(LogisticRegression(), dataset, valid_part=0.25, scoring=["accuracy"])
    assert len(trainer.X) == 45
    trainer.main_loop()
    latest = {name: c.val_record[-1] for name, c in trainer.model.monitor.channels.items()}
    assert set(latest) == {
        *("valid_objective", "valid_y_nll", "valid_y_misclass", "valid_accuracy"),
    }
    assert latest["valid_accuracy"] == pytest.approx(1 - latest["valid_y_misclass"])


@pytest.mark.parametrize("how", [{"valid_part": 0.25}, {"folds": 2}])
def test_examples_may_be_sparse(how):
    from scipy.sparse import coo_matrix
    from sklearn.linear_model import LogisticRegression

    X, y = data("train")
    sparse, dense = (
        EstimatorTrainer(LogisticRegression(), (given, y), **how) for given in (coo_matrix(X), X)
    )
    for trainer in (sparse, dense):
        trainer.main_loop()
    assert sparse.model.predict_proba(X) == pytest.approx(dense.model.predict_proba(X))


def test_folds_are_recorded_one_by_one_and_in_the_mean():
    from sklearn.linear_model import Ridge

    trainer = EstimatorTrainer(Ridge(), lines("train"), folds=4)
    trainer.main_loop()
    channels = trainer.model.monitor.channels
    each = channels["fold_y_mse"].val_record
    assert len(each) == 4
    assert channels["valid_y_mse"].val_record == [pytest.approx(np.mean(each))]
    assert channels["valid_y_mse_std"].val_record == [pytest.approx(np.std(each))]
    assert len(trainer.model.predict(lines("valid")[0])) == 60


def test_what_has_no_targets_is_scored_by_itself():
    from sklearn.cluster import KMeans

    trainer = EstimatorTrainer(
        KMeans(3, n_init=1, random_state=0), data("train")[0], {"valid": data("valid")[0]}
    )
    trainer.main_loop()
    assert trainer.model.monitor.channels["valid_score"].val_record[-1] < 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"estimator": object()}, "estimator is a object, which has no fit"),
        ({"folds": 3, "valid_part": 0.5}, "give one of valid_part and folds"),
        ({"folds": 3, "max_epochs": 2}, "each is a whole fit"),
        ({"max_epochs": 0}, "max_epochs is 0; there is at least 1"),
        ({"max_epochs": 2}, "a SVC cannot be trained in epochs"),
        ({"dataset": (np.ones((3, 2)), [1, 2])}, "dataset has 3 examples, but 2 targets"),
        ({"dataset": {"X": 1}}, "dataset is a dictionary without 'data'; it has X"),
        ({"dataset": 7}, "dataset is a int: give a pair of arrays"),
        ({"scoring": [print]}, "scoring is .*: give names"),
    ],
)
def test_what_does_not_go_together_is_said_at_once(arguments, message):
    from sklearn.svm import SVC

    with pytest.raises(ValueError, match=message):
        EstimatorTrainer(**{"estimator": SVC(), "dataset": data("train"), **arguments})


def test_a_module_learns_a_line_with_targets_without_an_axis():
    torch.manual_seed(0)
    trainer = ModuleTrainer(
        nn.Linear(4, 1),
        lines("train"),
        lines("valid"),
        batch_size=10,
        optimizer_options={"lr": 0.05},
        metrics={"largest": lambda output, y: (output.squeeze(1) - y).abs().max()},
        max_epochs=30,
    )
    trainer.main_loop()
    channels = trainer.model.monitor.channels
    assert channels["valid_objective"].epoch_record == list(range(31))
    assert channels["valid_objective"].val_record[-1] < 0.01
    assert channels["train_objective"].val_record[-1] < 0.01
    assert channels["valid_largest"].val_record[-1] < 1
    assert trainer.model.monitor.get_batches_seen() == 30 * 6
    X, y = lines("valid")
    assert trainer.model.predict(X)[:, 0] == pytest.approx(y, abs=1)
    assert np.array_equal(trainer.model.predict_proba(X), trainer.model.predict(X))


def test_a_module_learns_from_a_stream_of_examples():
    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self):
            return zip(*map(torch.as_tensor, data("train")), strict=True)

    loader = torch.utils.data.DataLoader(Stream(), 20)
    trainer = ModuleTrainer(nn.Linear(4, 3).double(), loader, loader, max_epochs=1)
    trainer.main_loop()
    assert "valid_y_misclass" in trainer.model.monitor.channels


def test_a_module_needs_an_end():
    with pytest.raises(ValueError, match="nothing says when to end"):
        ModuleTrainer(nn.Linear(4, 3), data("train"))


def test_models_of_adapters_are_saved_and_loaded(tmp_path, monkeypatch):
    from sklearn.linear_model import LogisticRegression

    monkeypatch.chdir(tmp_path)
    estimator = EstimatorTrainer(LogisticRegression(), data("train"), save_path="estimator.pkl")
    module = ModuleTrainer(nn.Linear(4, 3), data("train"), max_epochs=1, save_path="module.pkl")
    X, _ = data("valid")
    for trainer in (estimator, module):
        trainer.main_loop()
        loaded = serial.load(trainer.save_path)
        assert np.array_equal(loaded.predict(X), trainer.model.predict(X))
        assert loaded.predict(X).dtype.kind == "i"
        assert loaded.predict_proba(X).sum(1) == pytest.approx(np.ones(60))
    assert list(loaded.monitor.channels) == ["train_objective"]
    monkeypatch.setenv("JOBMAN_ALLOW", "pylearn2_jobman.adapters.*,pylearn2.*")
    for name in ("estimator.pkl", "module.pkl"):
        with pytest.raises(NameNotAllowedError, match=r"sklearn|torch\.nn"):
            serial.load(name)
    monkeypatch.setenv(
        "JOBMAN_ALLOW",
        "pylearn2_jobman.adapters.*,pylearn2.*,torch.nn.modules.linear.Linear,"
        "sklearn.linear_model._logistic.LogisticRegression",
    )
    for name in ("estimator.pkl", "module.pkl"):
        assert len(serial.load(name).predict(X)) == 60
