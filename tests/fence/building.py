"""Build everything that is listed from arguments of all kinds, and print what that touched.

An audit hook cannot be taken away again, so this is a program: see test_listed.py.
"""

import inspect
import json
import os
import pickle
import random
import sys
import sysconfig
import warnings
from pathlib import Path

import numpy as np
import scipy.io  # noqa: F401  (what is imported later would be listened to)
import sklearn.model_selection  # noqa: F401

import pylearn2_jobman
from pylearn2_jobman.fence.listed import ALWAYS, LISTED, Effect, Use
from pylearn2_jobman.naming import names
from pylearn2_jobman.naming.signatures import signature
from pylearn2_jobman.pylearn2.config import yaml_parse

ATTEMPTS = 60
LIBRARIES = (
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
    str(Path(pylearn2_jobman.__file__).parent),
)
WATCHED = (
    "open", "socket.", "subprocess.", "os.", "shutil.", "import", "ctypes.", "urllib.", "exec",
    "pty.", "mmap.", "tempfile.", "webbrowser.", "ftplib.", "http.", "smtplib.",
)  # fmt: skip
HARMLESS = ("os.putenv", "os.listdir", "os.scandir")

PARTS = """
rng: !obj:numpy.random.RandomState {seed: 1}
data: &data !obj:pylearn2.testing.datasets.random_one_hot_dense_design_matrix
    {rng: !obj:numpy.random.RandomState {seed: 1}, num_examples: 6, dim: 4, num_classes: 2}
layer: !obj:pylearn2.models.mlp.Sigmoid {dim: 3, layer_name: h, irange: .1}
softmax: !obj:pylearn2.models.mlp.Softmax {n_classes: 2, layer_name: y, irange: .1}
model: !obj:pylearn2.models.mlp.MLP
    {nvis: 4, layers: [!obj:pylearn2.models.mlp.Softmax {n_classes: 2, layer_name: z, irange: .1}]}
rbm: !obj:pylearn2.models.rbm.RBM {nvis: 4, nhid: 3}
autoencoder: &autoencoder !obj:pylearn2.models.autoencoder.Autoencoder
    {nvis: 4, nhid: 3, act_enc: tanh, act_dec: null}
autoencoders: [*autoencoder]
corruptor: &corruptor !obj:pylearn2.corruption.BinomialCorruptor {corruption_level: .3}
corruptors: [*corruptor]
cost: &cost !obj:pylearn2.costs.mlp.Default {}
costs: [*cost]
space: &space !obj:pylearn2.space.VectorSpace {dim: 4}
spaces: [*space]
algorithm: !obj:pylearn2.training_algorithms.sgd.SGD {learning_rate: .1, batch_size: 2}
criterion: &criterion !obj:pylearn2.termination_criteria.EpochCounter {max_epochs: 1}
criteria: [*criterion]
zca: !obj:pylearn2.datasets.preprocessing.ZCA {}
energy: !import pylearn2.energy_functions.rbm_energy.GRBM_Type_1
activation: !import pylearn2.expr.activations.relu
conv: !obj:pylearn2.models.mlp.IdentityConvNonlinearity {}
image: !obj:pylearn2.space.Conv2DSpace {shape: [4, 4], num_channels: 1}
"""

# Arguments that only a few values fit, by name; others are drawn from all that there is.
FITTING = {
    "act_dec": ["sigmoid", "activation", None], "act_enc": ["tanh", "activation"],
    "algorithm": ["algorithm"], "autoencoders": ["autoencoders"], "base": ["autoencoder"],
    "channel_name": ["x"], "corruptor": ["corruptor"], "corruptors": ["corruptors"],
    "corruption_level": [0.3], "cost": ["cost"], "criteria": ["criteria"],
    "criterion": ["criterion"], "data": ["data"], "dataset": ["data"], "delimiter": [","],
    "energy_function_class": ["energy"], "file": ["own.npy", "own.npz", "data/own.npy"],
    "filepath": ["own.pkl", "data/own.pkl", "own.npy"], "key": ["a"], "kernel_shape": [[2, 2]],
    "layer_content": ["layer", "autoencoder"], "layer_name": ["l"], "layers": [["softmax"]],
    "mmap_mode": [None, "r", "w+"], "model": ["model"], "monitoring_dataset": ["data"],
    "noise": ["rbm"], "nonlinearity": ["conv"], "output_channels": [2],
    "path": ["own.csv", "own.idx"],
    "pool_shape": [[1, 1]], "pool_stride": [[1, 1]], "preprocessed_dataset": ["data"],
    "preprocessor": ["zca"], "raw": ["data"], "raw_layer": ["layer"], "rbm": ["rbm"],
    "transformer": ["autoencoder"], "which_set": ["train", "test"], "shape": [[4, 4]],
    "start_fraction": [None], "end_fraction": [None], "components": ["spaces"],
    "nvis": [4], "nhid": [3], "irange": [0.1], "dim": [4], "num_units": [4], "num_pieces": [2],
    "n_classes": [2], "dataset_size": [6], "batch_size": [2], "max_labels": [2], "X": ["array"],
    "design": ["array"], "num_examples": [6], "num_classes": [2], "final_momentum": [0.9],
    "start": [1], "stop": [None, 2], "saturate": [3], "rng": ["rng", 1], "num_channels": [2],
    "channels": [2], "num_corruptions": [2], "init_beta": [1.0], "min_beta": [0.5],
    "max_beta": [2.0], "beta_lr_scale": [1.0], "data_specs": [["space", "features"]],
    "num_batches": [None, 3], "layer": ["layer"],
    "monitoring_costs": [None], "axes": [["b", 0, 1, "c"]], "task": ["regression"],
}  # fmt: skip
ALWAYS_GIVEN = ("X", "batch_size", "irange", "num_channels", "path")
ANYTHING = [
    None, True, 0, 1, 2, 4, -1, 0.1, 1.5, "", "x", "/etc/passwd", "../secret.pkl", "own.npy",
    "own.pkl", "own.csv", "..", "data", "http://localhost:9/x", "os.system",
    [], [1, 2], ["x"], {}, {"h": 0.5},
]  # fmt: skip

beyond: list[str] = []
read: set[str] = set()
now: tuple[str, Effect] | None = None


def listen(event: str, args: tuple[object, ...]) -> None:
    """Note what is touched beyond what the mark of what is built now allows."""
    if now is None or not event.startswith(WATCHED) or event in HARMLESS:
        return
    name, effect = now
    if event == "exec" and args[0].co_filename.startswith(LIBRARIES):  # type: ignore[attr-defined]
        return
    if event == "import":
        file = args[1]
        if file is None or str(file).startswith(LIBRARIES):
            return
    if event == "open" and isinstance(args[0], str | bytes):
        path, mode, flags = os.fsdecode(args[0]), args[1], args[2]
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        writes = writes or (isinstance(mode, str) and set(mode) & set("wax+"))
        if not writes and path.startswith(LIBRARIES):
            return  # a module, or its source for a traceback
        inside = Path(path).resolve().is_relative_to(Path.cwd())
        if not writes and inside and effect is Effect.READS:
            read.add(name)
            return
    if event in ("mmap.__new__",) and effect is Effect.READS:
        return
    beyond.append(f"{name}: {event}{args!r:.200}")


def files() -> None:
    """Put what a job may read, and what it may not, where it is looked for."""
    os.environ["PYLEARN2_DATA_PATH"] = str(Path.cwd() / "data")
    os.environ["JOBMAN_ALLOW"] = "pylearn2.*,pylearn2_jobman.adapters.*"
    for directory in ("data/mnist", "data/cifar10/cifar-10-batches-py"):
        Path(directory).mkdir(parents=True)
    for prefix in ("", "data/"):
        np.save(f"{prefix}own.npy", np.ones((3, 2)))
        Path(f"{prefix}own.pkl").write_bytes(pickle.dumps("own"))
    np.savez("own.npz", a=np.ones((3, 2)))
    Path("own.csv").write_text("a,b,c\n0,1,2\n1,2,3\n")
    images = b"\0\0\x08\x03" + b"\0\0\0\x02" + 2 * b"\0\0\0\x1c" + bytes(2 * 28 * 28)
    labels = b"\0\0\x08\x01" + b"\0\0\0\x02" + bytes(2)
    Path("own.idx").write_bytes(labels)
    for part in ("train", "t10k"):
        Path(f"data/mnist/{part}-images-idx3-ubyte").write_bytes(images)
        Path(f"data/mnist/{part}-labels-idx1-ubyte").write_bytes(labels)
    Path("data/cifar10/cifar-10-batches-py/test_batch").write_bytes(
        pickle.dumps({"data": np.zeros((2, 3072), np.uint8), "labels": [0, 1]})
    )


def value(draw: random.Random, name: str, parts: dict[str, object]) -> object:
    """Return an argument: mostly one that fits its name, sometimes any."""

    def part(chosen: object) -> object:
        if isinstance(chosen, list):
            return [part(each) for each in chosen]
        return parts.get(chosen, chosen) if isinstance(chosen, str) else chosen

    if name in FITTING and draw.random() < 0.9:
        return part(draw.choice(FITTING[name]))
    return part(draw.choice([*ANYTHING, *parts]))


def main() -> None:
    """Build, listen, print."""
    global now
    files()
    warnings.simplefilter("ignore")
    sys.addaudithook(listen)
    now = "what is known to go too far", Effect.READS
    Path("/etc/passwd").read_bytes()
    os.system("true")
    assert len(beyond) == 2
    now = None
    beyond.clear()
    built = {}
    for name, mark in (LISTED | ALWAYS).items():
        if Use.BUILD not in mark.uses:
            continue
        target = names.resolve(name, Use.BUILD)
        taken = signature(target)
        parameters = [] if taken is None else list(taken.parameters.values())
        built[name] = 0
        for attempt in range(ATTEMPTS):
            draw = random.Random(f"{name} {attempt}")
            if attempt % 20 == 0:
                parts = yaml_parse.load(PARTS) | {"array": np.ones((6, 4))}
            wanted = attempt / ATTEMPTS  # at first only what is needed
            given = {
                p.name: value(draw, p.name, parts)
                for p in parameters
                if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
                and (
                    p.default is inspect.Parameter.empty
                    or p.name in ALWAYS_GIVEN
                    or draw.random() < wanted
                )
            }
            now = name, mark.effect
            try:
                target(**given)
                built[name] += 1
            except Exception:  # a wrong argument: what was touched on the way is what counts
                continue
            finally:
                now = None
    print(json.dumps({"built": built, "beyond": sorted(set(beyond)), "read": sorted(read)}))


main()
