"""With a list, nobody gets in: what has been tried, one line each, and the reason it is refused.

What the next reviewer finds becomes a line here.
"""

import os
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from pylearn2_jobman.errors import JobmanError, PathNotAllowedError
from pylearn2_jobman.experiment import train_experiment
from pylearn2_jobman.fence.listed import Use
from pylearn2_jobman.jobman.channel import Channel, NoWorker
from pylearn2_jobman.jobman.parameters.building import make
from pylearn2_jobman.jobman.parameters.expression import evaluate
from pylearn2_jobman.jobman.state import DD
from pylearn2_jobman.naming import names
from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.pylearn2.config.phases import Phases
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.utils import serial

NOT_LISTED = "not on the list that pylearn2.* stands for"
PERMITS = "JOBMAN_ALLOW permits only"
READS_ONLY = "a job reads only in its directory"
WRITES_ONLY = "a job writes only in its directory"
NO_CALL = "a pickle with a call of"
NO_INSTANCE = "a pickle with an instance of"
NO_ATTRIBUTES = "a pickle with attributes for"

DATA = (
    "!obj:pylearn2.testing.datasets.random_one_hot_dense_design_matrix "
    "{rng: !obj:numpy.random.RandomState {seed: 1}, num_examples: 10, dim: 4, num_classes: 2}"
)
MODEL = (
    "!obj:pylearn2.models.mlp.MLP {nvis: 4, layers: [!obj:pylearn2.models.mlp.Softmax "
    "{n_classes: 2, layer_name: y, irange: .1}]}"
)


def training(cost: str = "", **more: str) -> str:
    """Return the YAML text of a short training."""
    rest = "".join(f", {key}: {value}" for key, value in more.items())
    cost = f", cost: {cost}" if cost else ""
    return (
        f"!obj:pylearn2.train.Train {{dataset: {DATA}, model: {MODEL}, algorithm: "
        f"!obj:pylearn2.training_algorithms.sgd.SGD {{learning_rate: .1, batch_size: 5{cost}, "
        "termination_criterion: !obj:pylearn2.termination_criteria.EpochCounter {max_epochs: 1}}"
        f"{rest}}}"
    )


YAML = [
    # Modules, and ways through them.
    ("!obj:os.system {command: touch pwned}", PERMITS),
    ("!import os", PERMITS),
    ("!import os.system", PERMITS),
    ("!obj:posix.system {command: touch pwned}", PERMITS),
    ("!obj:subprocess.run {args: [touch, pwned]}", PERMITS),
    ("!import builtins.eval", PERMITS),
    ("!import eval", PERMITS),
    ("!obj:getattr {}", PERMITS),
    ("!import __builtin__.open", PERMITS),
    ("!import dict", "not listed for !import"),
    ("!import importlib.import_module", PERMITS),
    ("!import pylearn2.train", NOT_LISTED),
    ("!import pylearn2", PERMITS),
    ("!import pylearn2_jobman.pylearn2.train", NOT_LISTED),
    ("!import pylearn2.train.os", NOT_LISTED),
    ("!import pylearn2.train.os.system", NOT_LISTED),
    ("!obj:pylearn2.train.os.system {command: touch pwned}", NOT_LISTED),
    ("!import pylearn2.utils.serial", NOT_LISTED),
    ("!import pylearn2.utils.serial.os.system", NOT_LISTED),
    ("!import pylearn2.utils.serial.pickle.loads", NOT_LISTED),
    ("!import pylearn2.utils.serial.unpickle", NOT_LISTED),
    ("!import pylearn2.space.torch.load", NOT_LISTED),
    ("!import pylearn2.backend.torch", NOT_LISTED),
    ("!import pylearn2.models.mlp.np", NOT_LISTED),
    ("!import numpy.load", "not listed for !import"),
    ("!obj:numpy.load {file: own.npy, allow_pickle: true}", "takes no argument 'allow_pickle'"),
    ("!obj:numpy.load {file: ../secret.npy}", READS_ONLY),
    ("!obj:numpy.load {file: own.npy, mmap_mode: r+}", "does not write"),
    ("!obj:numpy.fromfile {file: own.npy}", PERMITS),
    ("!obj:torch.load {f: x.pt}", PERMITS),
    ("!import numpy.random.mtrand.os", PERMITS),
    # Unbound methods, descriptors, attributes of attributes.
    ("!import pylearn2.train.Train.__init__", NOT_LISTED),
    ("!import pylearn2.train.Train.__init__.__globals__", NOT_LISTED),
    ("!import pylearn2.train.Train.__class__", NOT_LISTED),
    ("!import pylearn2.train.Train.save", NOT_LISTED),
    ("!obj:pylearn2.train.Train.__subclasses__ {}", NOT_LISTED),
    ("!obj:pylearn2.models.model.Model.__setattr__ {name: x, value: 1}", NOT_LISTED),
    ("!obj:pylearn2.utils.state.Stateful.load_state_dict {self: 1, state: {}}", NOT_LISTED),
    ("!import pylearn2.config.yaml_parse.Proxy.callable.fget", NOT_LISTED),
    ("!import mylab.models.Net.__init__", "a name is that of a module and of one thing"),
    ("!import mylab.models.Net.limit", "nothing is reached through"),
    ("!import mylab.models.os", "not in the __all__"),
    ("!import mylab.models.os.system", "nothing is reached through"),
    ("!import mylab.os.system", "nothing is reached through"),
    ("!import mylab.models.helper", "not in the __all__"),
    ("!import mylab.models.shutil", "no module is handed out"),
    ("!import mylab.models", "has no __all__"),
    ("!import mylab.bare.Net", "has no __all__"),
    ("!import mylab.shadow.system", "is really"),
    ("!import mylab.script.main", "has no __all__"),
    ("!import mylab.script.main.x", "nothing is reached through"),
    ("!import mylab.__main__.main", "a name is that of a module and of one thing"),
    ("!import mylab.__init__.os", "a name is that of a module and of one thing"),
    ("!import mylab.modles.Net", "did you mean 'models'"),
    ("!import mylab", PERMITS),
    # Public functions that do more than an experiment needs, and private ones.
    ("!obj:pylearn2.config.yaml_parse.load {stream: '!import os'}", NOT_LISTED),
    ("!obj:pylearn2.config.yaml_parse.load_path {path: /etc/passwd}", NOT_LISTED),
    ("!obj:pylearn2.config.yaml_parse._resolve {name: os.system}", NOT_LISTED),
    ("!obj:pylearn2.config.yaml_parse.Proxy {name: os.system}", NOT_LISTED),
    ("!obj:pylearn2.config.phases.Phases {text: x}", NOT_LISTED),
    ("!obj:pylearn2.utils.serial.save {filepath: pwned, obj: 1}", NOT_LISTED),
    ("!obj:pylearn2.utils.serial.read_pickle {path: /etc/passwd}", NOT_LISTED),
    ("!obj:pylearn2.utils.state.restore_into {present: 1, state: 2}", NOT_LISTED),
    ("!obj:pylearn2.utils.state._set_attributes {target: 1, state: {}}", NOT_LISTED),
    ("!obj:pylearn2.datasets.csv_dataset._read {path: /etc/passwd}", NOT_LISTED),
    ("!obj:pylearn2.datasets.mnist._read {path: /etc/passwd}", NOT_LISTED),
    ("!obj:pylearn2.datasets.dataset.data_path {hint: x}", NOT_LISTED),
    ("!obj:pylearn2.scripts.print_monitor.load_monitor {path: x}", NOT_LISTED),
    ("!obj:pylearn2.scripts.train.main {}", NOT_LISTED.replace("pylearn2.*", "pylearn2_jobman.*")),
    ("!obj:pylearn2_jobman.running.train_command.main {}", "is not allowed here"),
    ("!obj:pylearn2_jobman.naming.names.find {name: os.system}", "is not allowed here"),
    ("!obj:pylearn2_jobman.naming.unpickler.unpickle {file: x}", "is not allowed here"),
    ("!obj:pylearn2_jobman.whole_file.whole_file {path: x}", "is not allowed here"),
    ("!obj:pylearn2_jobman.experiment.train_experiment {state: {}, channel: 1}", "not listed for"),
    ("!import pylearn2_jobman.experiment.train_experiment", "not listed for !import"),
    ("!obj:jobman.tools.make {state: {__builder__: os.system}}", PERMITS),
    ("!obj:jobman.sql.db {url: x}", PERMITS),
    # Former names as a way round.
    ("!obj:pylearn2_jobman.names.resolve {name: os.system}", "is not allowed here"),
    ("!obj:pylearn2_jobman.aliases.install {}", "is not allowed here"),
    ("!obj:pylearn2_jobman.template.render {}", "is not allowed here"),
    ("!import pylearn2.autoencoder.os", NOT_LISTED),
    ("!import pylearn2.training_callbacks.training_callback.os", NOT_LISTED),
    # Listed things for what they are not listed for.
    ("!import pylearn2.utils.serial.load", "not listed for !import"),
    ("!import pylearn2.train.Train", "not listed for !import"),
    ("!import pylearn2.datasets.npy_npz.NpyDataset", "not listed for !import"),
    # Paths.
    ("!obj:pylearn2.utils.serial.load {filepath: ../secret.pkl}", READS_ONLY),
    ("!pkl: ../secret.pkl", READS_ONLY),
    ("!pkl: link.pkl", "which leads to"),
    ("!pkl: way/secret.pkl", "which leads to"),
    ("!pkl: 'data/../../secret.pkl'", READS_ONLY),
    ("!pkl: pipe", "neither a file nor a directory"),
    ("!pkl: circle", "leads nowhere"),
    ("!pkl: /dev/zero", READS_ONLY),
    ("!obj:pylearn2.datasets.csv_dataset.CSVDataset {path: /etc/passwd}", READS_ONLY),
    ("!obj:pylearn2.datasets.csv_dataset.CSVDataset {path: 'http://localhost/x'}", "is an address"),
    ("!obj:pylearn2.datasets.csv_dataset.CSVDataset {path: 'file:///etc/passwd'}", "is an address"),
    ("!obj:pylearn2.datasets.npy_npz.NpyDataset {file: ../secret.npy}", READS_ONLY),
    ("!obj:pylearn2.datasets.npy_npz.NpyDataset {file: 0}", "is not a path"),
    ('!obj:pylearn2.datasets.npy_npz.NpyDataset {file: "a\\0b"}', "is not a path"),
    ("!obj:pylearn2.datasets.npy_npz.NpyDataset {file: !!binary L2V0Yw==}", "is not a path"),
    ("!obj:pylearn2.datasets.npy_npz.NpyDataset {file: own.npy, mmap_mode: w+}", "does not write"),
    ("!obj:pylearn2.datasets.npy_npz.NpyDataset {file: own.npy, mmap_mode: r+}", "does not write"),
    (
        "!obj:pylearn2.datasets.npy_npz.NpyDataset {file: own.npy, mmap_mode: write}",
        "does not write",
    ),
    ("!obj:pylearn2.datasets.npy_npz.NpzDataset {file: ../secret.npz, key: a}", READS_ONLY),
    ("!obj:pylearn2.datasets.mnist.read_idx {path: ../secret.npy}", READS_ONLY),
    ("!obj:pylearn2.datasets.svhn.SVHN {which_set: test, path: ..}", READS_ONLY),
    # What is in files is not quoted.
    ("!obj:pylearn2.datasets.csv_dataset.CSVDataset {path: passwd}", "does not hold what is to"),
    ("!obj:pylearn2.datasets.npy_npz.NpyDataset {file: passwd}", "does not hold what is to"),
    ("!obj:numpy.load {file: header.npy}", "does not hold what is to"),
    ("!obj:pylearn2.datasets.npy_npz.NpzDataset {file: named.npz, key: a}", "does not hold what"),
    ("!obj:pylearn2.utils.serial.load {filepath: passwd}", "does not hold what is to"),
    ("!obj:pylearn2.datasets.mnist.read_idx {path: passwd}", "does not hold what is to"),
    # Variables.
    ("a: ${HOME}", "variable HOME is not given to jobs"),
    ("a: ${JOBMAN_DASHBOARD_TOKEN}", "is not given to jobs"),
    ("!pkl: ${HOME}/x", "is not given to jobs"),
    ("!pkl ${HOME}/x", "is not given to jobs"),
    ("{'${HOME}': 1}", "is not given to jobs"),
    ("!import: ${HOME}", "what is no dotted name"),
]

TRAININGS = [
    (training(save_path="../pwned", save_freq="1"), WRITES_ONLY),
    (training(save_path="/tmp/pwned", save_freq="1"), WRITES_ONLY),
    (training(save_path="way/pwned", save_freq="1"), WRITES_ONLY),
    (training(save_path="'link.pkl'", save_freq="1"), WRITES_ONLY),
    (training(save_path="current.conf", save_freq="1"), "the worker keeps that file"),
    (training(save_path="stdout", save_freq="1"), "the worker keeps that file"),
    (training(save_path=".job.no_sync", save_freq="1"), "the worker keeps that file"),
    (training(save_path="data/pwned", save_freq="1"), "never under PYLEARN2_DATA_PATH"),
    (
        training(
            extensions="[!obj:pylearn2.train_extensions.best_params.MonitorBasedSaveBest "
            "{channel_name: training_seconds_this_epoch, save_path: ../pwned}]"
        ),
        "MonitorBasedSaveBest",
    ),
    (
        training(
            extensions="[!obj:pylearn2.training_algorithms.sgd.PolyakAveraging "
            "{start: 0, save_path: ../pwned}]"
        ),
        WRITES_ONLY,
    ),
    (training("!obj:pylearn2.costs.cost.MethodCost {method: compile}"), "has no method 'compile'"),
    (training("!obj:pylearn2.costs.cost.MethodCost {method: __class__}"), "has no method"),
    (training("!obj:pylearn2.costs.cost.MethodCost {method: __setstate__}"), "has no method"),
    (training("!obj:pylearn2.costs.cost.MethodCost {method: register_forward_hook}"), "no method"),
]

EXPERIMENTS = [
    ("os.system", PERMITS),
    ("pylearn2.train.Train", "not listed for an experiment"),
    ("pylearn2.utils.serial.load", "not listed for an experiment"),
    ("pylearn2.datasets.csv_dataset.CSVDataset", "not listed for an experiment"),
    ("pylearn2.scripts.print_monitor.load_monitor", NOT_LISTED),
    ("pylearn2_jobman.running.train_command.main", "is not allowed here"),
    ("jobman.sql.db", PERMITS),
    ("builtins.dict", "not listed for an experiment"),
    ("mylab.models.os.system", "nothing is reached through"),
    ("mylab.bare.Net", "has no __all__"),
    ("current.conf", PERMITS),
    ("", "no dotted name"),
    ("mylab..models.Net", "no dotted name"),
    ("mylab.models.Net()", "no dotted name"),
]


def reducing(function, *args):
    """Return an object that is pickled as the call of a function."""
    return type("Call", (), {"__reduce__": lambda self: (function, args)})()


def _global(name: str) -> bytes:
    module, _, thing = name.rpartition(".")
    return f"c{module}\n{thing}\n".encode()


def _dtype(kind: str, state: bytes) -> bytes:
    return _global("numpy.dtype") + f"(S'{kind}'\nI00\nI00\ntR(".encode() + state + b"tb"


def _array(state: bytes) -> bytes:
    made = _global("numpy._core.multiarray._reconstruct") + b"(" + _global("numpy.ndarray")
    return made + b"(I0\ntS'b'\ntR(" + state + b"tb."


class _Beyond:
    """A tensor that is pickled as having more numbers than are stored for it."""

    def __reduce__(self):
        function, (storage, *_) = torch.zeros(1).__reduce_ex__(2)
        return function, (storage, 0, (1_000_000,), (1,), False, {})


# In pickle's own steps: c a name, ( a mark, t a tuple, R a call, } a dictionary, s an item,
# b BUILD.
PICKLES = [
    (b"cos\nsystem\n(S'touch pwned'\ntR.", PERMITS),
    (b"cposix\nsystem\n(S'touch pwned'\ntR.", PERMITS),
    (b"cbuiltins\neval\n(S'1'\ntR.", PERMITS),
    (b"cbuiltins\ngetattr\n(S'1'\nS'real'\ntR.", PERMITS),
    (b"c__builtin__\nopen\n(S'pwned'\nS'w'\ntR.", PERMITS),
    (b"ios\nsystem\n(S'touch pwned'\n.", PERMITS),
    (b"(cos\nsystem\nS'touch pwned'\no.", PERMITS),
    (pickle.dumps(np.load), "which is no class"),
    (_global("pylearn2.train.os") + b".", NOT_LISTED),
    (_global("pylearn2_jobman.pylearn2.train") + b".", NOT_LISTED),
    (_global("pylearn2.utils.serial.save") + b"(S'pwned'\nI1\ntR.", NOT_LISTED),
    (_global("pylearn2.utils.serial.load") + b"(S'/etc/passwd'\ntR.", "which is no class"),
    (_global("pylearn2.train.Train") + b"(tR.", NO_CALL),
    (_global("pylearn2.datasets.npy_npz.NpyDataset") + b"(S'own.npy'\nS'w+'\ntR.", NO_CALL),
    (_global("pylearn2.train.Train") + b".", "itself, instead of an object"),
    # BUILD and SETITEM on what the pickle has not made.
    (_global("pylearn2.train.Train") + b"}S'save'\nI1\nsb.", NO_ATTRIBUTES),
    (
        _global("pylearn2.energy_functions.rbm_energy.GRBM_Type_1") + b"}S'x'\nI1\nsb.",
        NO_ATTRIBUTES,
    ),
    (_global("pylearn2.expr.activations.relu") + b"}S'__code__'\nI1\nsb.", NO_ATTRIBUTES),
    (_global("mylab.models.Net") + b"}S'limit'\nI1\nsb.", NO_ATTRIBUTES),
    (_global("mylab.models.registry") + b"S'x'\nI1\ns.", "which is no class"),
    (_global("pylearn2.train.Train") + b"S'x'\nI1\ns.", "a pickle with items for"),
    (_global("pylearn2.expr.activations.relu") + b"(tR.", NO_CALL),
    (_global("builtins.object") + b"(tR}S'x'\nI1\nsb.", NO_ATTRIBUTES),
    (b"I1\n}S'x'\nI1\nsb.", NO_ATTRIBUTES),
    # Instances of what has none.
    (_global("builtins.object") + b"(t\x81.", NO_INSTANCE),
    (_global("copyreg._reconstructor") + b"(" + _global("os.system") + b"tR.", PERMITS),
    (
        _global("copyreg._reconstructor")
        + b"("
        + _global("pylearn2.train.Train")
        + _global("builtins.dict")
        + b"NtR.",
        NO_INSTANCE,
    ),
    (_global("torch.storage._load_from_bytes") + b"(tR.", "does not hold what is to be read"),
    (
        _global("torch.storage._load_from_bytes")
        + pickle.dumps((pickle.dumps(reducing(exec, "open('pwned', 'w')")),), 2)[2:-1]
        + b"R.",
        "does not hold what is to be read",
    ),
    # What NumPy would read or write memory by: objects that are none, sizes, positions.
    (
        _dtype("O8", b"I3\nS'|'\nNNNI-1\nI-1\nI0\n")
        + b"p0\n0"
        + _array(b"I1\n(I1\ntg0\nI00\nS'AAAAAAAA'\n"),
        "does not hold what is to be read",
    ),
    (_dtype("f8", b"I3\nS'<'\nNS'a'\n}I8\nI1\nI16\n") + b".", "a type of numbers with parts"),
    (_dtype("f8", b"I3\nS'<'\nNNNI-1\nI-1\nI0\nN") + b".", "a type of numbers with parts"),
    (_global("numpy.dtype") + b"(](" + b"S'a'\nS'O'\ntatR.", "a type of numbers with parts"),
    (_array(b"I1\n(I-1\ntS'f8'\nI00\nS''\n"), "an array that is none"),
    (_array(b"I1\n(I1\ntNI00\nS''\n"), "an array that is none"),
    (
        _array(b"I1\n(I99999\nt" + _dtype("O8", b"I3\nS'|'\nNNNI-1\nI-1\nI0\n") + b"I00\n]"),
        "an array that is none",
    ),
    (_global("numpy.dtype") + b"(S'O,i8'\nI00\nI00\ntR.", "a type of numbers with parts"),
    (_global("numpy.dtype") + b"(S'(9,)O'\nI00\nI00\ntR.", "a type of numbers with parts"),
    (
        _global("numpy._core.multiarray.scalar")
        + b"("
        + _global("numpy.dtype")
        + b"(S'V2000000000'\nI00\nI01\ntRtR.",
        "a number without its bytes",
    ),
    (_global("numpy.ndarray") + b"((I1000\ntS'u1'\ntR.", NO_CALL),
    (_global("numpy.ndarray") + b"((I1000\ntS'u1'\nt\x81.", NO_INSTANCE),
    (
        _global("numpy.random._pickle.__bit_generator_ctor")
        + b"(S'MT19937'\ntR(}S'bit_generator'\nS'MT19937'\nsS'state'\n}S'pos'\nI9999\nssNtb.",
        "a random generator that is none",
    ),
    (
        _global("numpy.random._pickle.__bit_generator_ctor")
        + b"(S'MT19937'\ntR((S'MT19937'\n(I1\ntI9999999\ntNI5\ntb.",
        "a random generator that is none",
    ),
    (
        _global("numpy.random._pickle.__randomstate_ctor")
        + b"(S'Philox'\ntR(dS'bit_generator'\nS'Philox'\nsS'buffer_pos'\nI-999999999\ns"
        + b"S'state'\n(dS'pos'\nI5\nssb.",
        "a random generator that is none",
    ),
    (pickle.dumps(_Beyond()), "a tensor beyond its numbers"),
    (_global("builtins.bytearray") + b"(I100000000000\ntR.", "bytes made of int"),
    (_global("builtins.bytes") + b"(I100000000000\ntR.", "bytes made of int"),
    (_global("torch.load") + b"(S'x'\ntR.", PERMITS),
    (_global("numpy.random._pickle.os") + b".", PERMITS),
    (_global("_codecs.encode") + b"(S'x'\nS'zip'\ntR.", "bytes in the encoding"),
    (b"\x82\x01.", "a pickle with a name by number"),
    (b"croot:x:0:0\n/bin/sh\n.", "what is no dotted name"),
    (b"I root:x:0:0\n.", "does not hold what is to be read"),
    (b"root:x:0:0\n", "does not hold what is to be read"),
    (b"", "does not hold what is to be read"),
    (b"\x80\x05.", "does not hold what is to be read"),
    (b"Ppersistent\n.", "does not hold what is to be read"),
]

STATES = [
    ({"extract_results": "os.system"}, PERMITS),
    ({"extract_results": "pylearn2.utils.serial.load"}, "not listed for an experiment"),
    ({"extract_results": "mylab.models.os.system"}, "nothing is reached through"),
    ({"yaml_template": "%(x)s", "hyper_parameters": {"x": "!import os.system"}}, PERMITS),
    (
        {"yaml_template": "%(x)s", "hyper_parameters": {"x": {"__builder__": "os.system"}}},
        PERMITS,
    ),
    ({"yaml_template": "a: ${HOME}"}, "is not given to jobs"),
    # The list is not a row's to change.
    (
        {
            "JOBMAN_ALLOW": "os.system",
            "environment": {"JOBMAN_ALLOW": "os.system"},
            "jobman": {"allow": "os.system", "environment": {"JOBMAN_ALLOW": "os.system"}},
            "extract_results": "os.system",
        },
        PERMITS,
    ),
]


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A job's directory, which is the present one, beside what is none of the job's business."""
    lab = tmp_path / "lab" / "mylab"
    lab.mkdir(parents=True)
    (lab / "__init__.py").write_text("import os\n")
    (lab / "models.py").write_text(
        "import os, shutil\n__all__ = ['Net', 'registry', 'shutil']\nregistry = {}\n"
        "class Net:\n    limit = 3\n    def __init__(self, n=1):\n        self.n = n\n"
        "def helper():\n    pass\n"
    )
    (lab / "bare.py").write_text("class Net:\n    pass\n")
    (lab / "shadow.py").write_text("import os, sys  # __all__\nsys.modules[__name__] = os\n")
    for name in ("script.py", "__main__.py"):
        (lab / name).write_text("open('pwned', 'w')\n")
    directory = tmp_path / "job"
    (directory / "data").mkdir(parents=True)
    for name in ("secret.pkl", "job/own.pkl"):
        (tmp_path / name).write_bytes(pickle.dumps("kept"))
    for name in ("secret.npy", "job/own.npy"):
        np.save(tmp_path / name, np.ones((2, 2)))
    np.savez(tmp_path / "secret.npz", a=np.ones((2, 2)))
    (directory / "passwd").write_text("root:x:0:0\nroot:x:0:0\n")
    (directory / "header.npy").write_bytes(b"\x93NUMPY\1\0\x0c\0root:x:0:0\n ")
    np.savez(directory / "named.npz", **{"root:x": np.ones(2)})
    (directory / "link.pkl").symlink_to("../secret.pkl")
    (directory / "way").symlink_to("..")
    (directory / "circle").symlink_to("circle")
    os.mkfifo(directory / "pipe")
    monkeypatch.syspath_prepend(tmp_path / "lab")
    monkeypatch.chdir(directory)
    monkeypatch.setenv("PYLEARN2_DATA_PATH", str(directory / "data"))
    monkeypatch.setenv("JOBMAN_DASHBOARD_TOKEN", "token")
    monkeypatch.setenv("JOBMAN_ALLOW", "pylearn2.*,mylab.*")
    monkeypatch.delenv("JOBMAN_ALLOW_VARIABLES", raising=False)
    before = contents(tmp_path)
    yield directory
    for name in [name for name in sys.modules if name.split(".")[0] == "mylab"]:
        del sys.modules[name]
    assert contents(tmp_path) == before
    assert not Path("/tmp/pwned").exists()


def contents(directory):
    """Return all files that an attack could have changed."""
    return {
        path: path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
        if path.name not in ("evil.pkl",)
    }


def refused(reason, action, *args):
    """Check that an attempt is refused with its reason, and that the reason quotes no file."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  (the reason is looked for below)
        action(*args)
    message = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert reason in message, f"{type(caught.value).__name__}: {message}"
    assert "root:" not in message
    return caught.value


@pytest.mark.parametrize(("text", "reason"), YAML)
@pytest.mark.filterwarnings("ignore::pylearn2_jobman.errors.OldNameWarning")
def test_yaml(job, text, reason):
    assert isinstance(refused(reason, yaml_parse.load, text), JobmanError | ValueError)


@pytest.mark.parametrize(("text", "reason"), TRAININGS)
def test_what_a_training_is_to_write_or_call(job, text, reason):
    def train():
        yaml_parse.load(text).main_loop()

    refused(reason, train)


@pytest.mark.parametrize(("name", "reason"), EXPERIMENTS)
def test_experiments(job, name, reason):
    refused(reason, names.resolve, name, Use.RUN)


@pytest.mark.parametrize(("content", "reason"), PICKLES)
def test_pickles(job, content, reason):
    (job / "evil.pkl").write_bytes(content)
    refused(reason, yaml_parse.load, "!pkl: evil.pkl")
    assert not hasattr(Train, "x")


@pytest.mark.filterwarnings("error")
def test_what_all_share_gets_no_attributes(job):
    name = "pylearn2.energy_functions.rbm_energy.GRBM_Type_1"
    (job / "evil.pkl").write_bytes(_global(name) + b".")
    for text in ("!pkl: evil.pkl", "!obj:pylearn2.utils.serial.load {filepath: evil.pkl}"):
        assert not hasattr(yaml_parse.load(text), "yaml_src")


@pytest.mark.parametrize(("state", "reason"), STATES)
def test_states(job, state, reason):
    state = DD({"yaml_template": training(), "hyper_parameters": {}, **state})
    refused(reason, train_experiment, state, Channel(state, NoWorker()))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("@os.system('touch pwned')", PERMITS),
        ("@numpy.random.RandomState(1).rand(3).tofile('pwned')", "not reached through"),
        ("@numpy.load('own.npy').dump('pwned')", "not reached through"),
        ("(@pylearn2.train.Train).save", "not reached through"),
        ("'{0.__globals__}'.format(@pylearn2.utils.serial.load)", "looks into what it is given"),
        ("@numpy.load('../secret.npy')", READS_ONLY),
    ],
)
def test_expressions(job, text, reason):
    refused(reason, evaluate, text)


def test_a_builder_in_a_state(job):
    refused(PERMITS, make, {"a": {"__builder__": "os.system", "command": "touch pwned"}})


def test_a_training_made_by_a_pickle_writes_where_any_other_does(job, monkeypatch):
    monkeypatch.delenv("JOBMAN_ALLOW")
    train = Phases(training(save_path="own.pkl", save_freq="1"))[0]
    train.algorithm = train.dataset = None
    train.save_path = "../pwned"
    (job / "evil.pkl").write_bytes(pickle.dumps(train))
    monkeypatch.setenv("JOBMAN_ALLOW", "pylearn2.*")
    with pytest.raises(PathNotAllowedError, match=WRITES_ONLY):
        serial.load("evil.pkl").save()


def test_what_is_allowed_works(job):
    found = yaml_parse.load(
        "{a: !pkl: own.pkl, b: !obj:mylab.models.Net {n: 2}, c: !import mylab.models.Net, "
        "d: '${PYLEARN2_DATA_PATH}', e: !obj:dict {x: 1}, f: !obj:slice {}, "
        "g: !obj:pylearn2.datasets.npy_npz.NpyDataset {file: own.npy, mmap_mode: r}}".replace(
            ", f: !obj:slice {}", ""
        )
    )
    assert found["a"] == "kept"
    assert found["b"].n == 2
    assert found["c"] is type(found["b"])
    assert found["d"] == str(job / "data")
    state = DD(yaml_template=training(save_path="own.pkl", save_freq="1"), hyper_parameters={})
    own = (job / "own.pkl").read_bytes()
    channel = Channel(state, NoWorker())
    assert train_experiment(state, channel) is channel.COMPLETE
    assert serial.load("own.pkl").monitor.get_epochs_seen() == 1
    (job / "own.pkl").write_bytes(own)
    (job / "monitor.csv").unlink(missing_ok=True)
