"""Train a recorded case with the classes that ``import pylearn2`` gives; keep what came out.

python run_case.py case.yaml results.npz
"""

import sys

import numpy as np

from pylearn2_jobman.pylearn2.config import yaml_parse


def named(model):
    """Return the parameters by the recorded names: a repeated one has its number."""
    values, seen = {}, {}
    for param in model.get_params():
        seen[param.name] = seen.get(param.name, 0) + 1
        suffix = "" if seen[param.name] == 1 else f"__{seen[param.name]}"
        values[param.name + suffix] = param.get_value()
    return values


def main(case, results):
    train = yaml_parse.load_path(case)
    assert type(train).__module__ == "pylearn2.train", type(train)
    found = {f"init/{name}": value for name, value in named(train.model).items()}
    train.main_loop()
    found |= {f"final/{name}": value for name, value in named(train.model).items()}
    for name, channel in train.model.monitor.channels.items():
        if "_seconds_" not in name:
            found[f"channel/{name}"] = np.array(channel.val_record, dtype=float)
    np.savez(results, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
