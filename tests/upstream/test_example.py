"""A worker runs jobs with a layer in Theano, and goes on where it was stopped."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pylearn2_jobman import open_table

EXAMPLES = Path(__file__).parents[2] / "examples"
URL = "sqlite:///slopes.db?table=slopes"


def test_the_example_runs_as_its_readme_says(checkout, environment, tmp_path):
    for name in ("digits", "theano"):
        shutil.copytree(EXAMPLES / name, tmp_path / name)
    here = tmp_path / "theano"
    path = os.pathsep.join([str(checkout), "../digits", str(here)])

    def jobman(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "pylearn2_jobman.jobman", *arguments],
            cwd=here,
            env=environment | {"PYTHONPATH": path},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    train = "pylearn2.scripts.jobman.experiment.train_experiment"
    slopes = "hyper_parameters.slope={{0.,0.3}}"
    jobman("sqlschedules", URL, train, "two_slopes.conf", slopes)
    jobman("sql", "-n0", URL, "experiments")
    with open_table(f"sqlite:///{here}/slopes.db?table=slopes") as table:
        frame = table.dataframe()
    assert list(frame["jobman.provenance.pylearn2"]) == ["theano", "theano"]
    assert (frame["results.valid_error"] < 0.5).all()
