"""The command lines and scripts of the documentation of LISA's jobman, run as it shows them.

The commands of a test run in one process, one after another.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from tables import query

from pylearn2_jobman.jobman.parameters.conf import read_conf
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table

RUN_ALL = """
import json, os, sys, tempfile
from pylearn2_jobman.jobman import cli

output = os.dup(1)
for program, *arguments in json.load(sys.stdin):
    with tempfile.TemporaryFile() as file:
        process = os.fork()
        if process == 0:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            sys.exit((cli.dispatch if program == "jobdispatch" else cli.main)(arguments))
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        file.seek(0)
        os.write(output, json.dumps([code, file.read().decode()]).encode() + b"\\n")
"""
MLP = """
def experiment(state, channel):
    state.best_validation_loss = state.learning_rate + state.L1_reg
    state.iter = state.n_iter
    return channel.COMPLETE
"""
CONF = """\
learning_rate=0.01
L1_reg=0.00
L2_reg=0.0001
n_iter=50
batch_size=20
n_hidden=10
"""

DEMO_YAML = """
!obj:pylearn2.train.Train {
    dataset: &train !obj:pylearn2.testing.datasets.random_one_hot_dense_design_matrix {
        rng: !obj:numpy.random.RandomState { seed: [1] },
        num_examples: 20, dim: 4, num_classes: 3,
    },
    model: !obj:pylearn2.models.mlp.MLP {
        layers: [
            !obj:pylearn2.models.mlp.Sigmoid {
                layer_name: 'h0', dim: 5, sparse_init: 3, use_bias: %(use_bias)s,
            }, !obj:pylearn2.models.mlp.Softmax { layer_name: 'y', n_classes: 3, irange: 0. }
        ],
        nvis: 4,
    },
    algorithm: !obj:pylearn2.training_algorithms.sgd.SGD {
        batch_size: 10,
        learning_rate: %(learning_rate)f,
        monitoring_dataset : *train,
        termination_criterion: !obj:pylearn2.termination_criteria.EpochCounter { max_epochs: 1 },
    },
    save_path: "mlp.pkl",
    save_freq : 5
}
"""
DEMO_CONF = """
yaml_template:=@__builtin__.open('jobman_demo/mlp.yaml').read()

hyper_parameters.learning_rate:=@jobman_demo.utils.log_uniform(1e-5, 1e-1)
hyper_parameters.use_bias = on

extract_results = "jobman_demo.utils.results_extractor"
"""
DEMO_UTILS = """
import numpy
from jobman import tools
from jobman.tools import DD


def log_uniform(low, high):
    return float(numpy.exp(numpy.random.uniform(numpy.log(low), numpy.log(high))))


def results_extractor(train_obj):
    channels = train_obj.model.monitor.channels
    layer = train_obj.model.layers[0]
    return DD(train_y_nll=channels['y_nll'].val_record[-1], biases=int(layer.use_bias))


def parse_results(cwd):
    found = [dd for _, dd in tools.find_conf_files(cwd) if 'results.train_y_nll' in dd]
    assert len({dd['hyper_parameters.learning_rate'] for dd in found}) == len(found)
    assert all(1e-5 < dd['hyper_parameters.learning_rate'] < 1e-1 for dd in found)
    print(len(found), "results, rates between 1e-05 and 0.1")
"""


@pytest.fixture
def directory(tmp_path, monkeypatch):
    """A new directory, in which one works."""
    directory = tmp_path / "work"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory


def run(text, **words):
    """Run command lines, of which each has to work; return what each printed.

    A line may end in ``-> CODE``, or be continued. In its words, ``$NAME`` is what is given by that
    name.
    """
    text = re.sub(r"\\\n\s*", "", textwrap.dedent(text)).strip()
    lines = [line.partition(" -> ") for line in text.splitlines()]
    commands = [shlex.split(line) for line, _, _ in lines]
    for name, value in words.items():
        commands = [[word.replace(f"${name}", value) for word in words] for words in commands]
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL], input=json.dumps(commands), text=True, check=False,
        capture_output=True, env={**os.environ, "PYTHONWARNINGS": "default"},
    )  # fmt: skip
    ended = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ended) == len(lines), done.stderr
    for (line, _, code), (ended_with, printed) in zip(lines, ended, strict=True):
        assert ended_with == int(code or 0), f"{line}\n{printed}"
    return [printed for _, printed in ended]


def python(script):
    """Run a script with the old import names in place."""
    Path("script.py").write_text(textwrap.dedent(script))
    done = subprocess.run(
        [sys.executable, "-m", "pylearn2_jobman", "script.py"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_experiments_without_a_database(directory):
    (directory / "things.conf").write_text("a = 1\nb = 2\nvalue := @random.uniform(0, 100)\n")
    (directory / "my.conf").write_text("xyz <- things.conf\nthings.conf\nlr = 0.03  # a comment\n")
    printed = run(
        """
        jobman help
        jobman help cmdline
        jobman help experiment
        jobman help parameters
        jobman help example
        jobman sql help
        jobman cmdline jobman.examples.def_addition.addition_example first=2 second=5
        jobman cmdline jobman.experiments.print_state param1=42 param2=a_string param2=2.2
        jobman cmdline jobman.experiments.print_state \\
            "param_uniform:=@random.uniform(0, 100)" "param_gaussian:=@random.random()"
        jobman cmdline jobman.examples.def_make.experiment \\
            obj::jobman.examples.def_make.MakeExample obj.param1=2 obj.param2='jobman rules'
        jobman cmdline jobman.experiments.print_state my.conf 'sub <- things.conf' c.d="hello"
        jobman cmdline jobman.experiments.example1
        jobman cmdline -w w3 jobman.experiments.theano_test_return wanted_return=incomplete
        jobman cmdline -w w2 jobman.experiments.theano_test_return wanted_return=raise -> 1
        jobman cmdline -w w4 jobman.experiments.theano_test_return wanted_return=sysexit -> 1
        jobman cmdline -w w1 jobman.examples.def_addition.addition_example first=1 second=2
        jobman cmdline -w w1 jobman.examples.def_addition.addition_example first=1 second=2
        jobman cmdline -f -w w1 jobman.examples.def_addition.addition_example first=5 second=2
        jobman -r cmdline -w w8 jobman.examples.def_addition.addition_example first=1 second=2
        jobman cmdline --save-every=10 --finish-up-after=100 -2 -n jobman.experiments.example2
        jobman cmdline -n jobman.experiments.example_set
        jobman cmdline -n jobman.experiments.example_save size=10 n_iter=2
        jobman cmdline -n jobman.experiments.example_numpy_float32
        jobman cmdline -n jobman.experiments.example_numpy_float64
        jobman cmdline -n jobman.experiments.example_numpy -> 1
        jobman cmdline -g numbered jobman.experiments.example_sleep sleep=0
        """
    )  # fmt: skip
    assert "jobman help COMMAND" in printed[0] or "--help" in printed[0]
    assert "channel.INCOMPLETE" in printed[2]
    assert printed[5].startswith("Usage: jobman sql ")
    assert "state.first = 2\nstate.second = 5\nresult = 7\n" in printed[6]
    assert "'param1': 42, 'param2': 2.2" in printed[7]
    assert "Created MakeExample object successfully.\nself.value =  2\njobman rules\n" in printed[9]
    assert re.search(r"'xyz': DD\(?\{'a': 1, 'b': 2, 'value': ", printed[10])
    assert re.search(r"'c': DD\(?\{'d': 'hello'\}", printed[10])
    assert "The experiment returned value is True" in printed[12]
    assert "This jobs raise an error" in printed[13]
    assert ["result = 3" in text for text in printed[15:18]] == [True, True, False]
    assert (directory / "w8" / "stdout").read_text().count("result = 3") == 1
    first = min(directory.glob("jobman_*"))
    assert sorted(path.name for path in first.iterdir() if path.name[0] != ".") == [
        "current.conf", "orig.conf",
    ]  # fmt: skip
    original, current = (read_conf(first / f"{name}.conf") for name in ("orig", "current"))
    assert original["jobman.experiment"] == "jobman.examples.def_addition.addition_example"
    assert (original["first"], original["second"], "jobman.time" in original) == (2, 5, True)
    assert (current["result"], current["jobman.status"]) == (7, 2)
    assert (directory / "jobman1" / "current.conf").exists()


def test_a_table_from_the_command_line(directory, table_url):
    """The commands to be tried by hand, with the older form of the address where there is one."""
    url = table_url if table_url.startswith("sqlite") else table_url.replace("?table=", "/")
    printed = run(
        """
        jobman sqlschedule --force $P jobman.experiments.example_sleep sleep=0
        jobman sqlschedules --force $P jobman.experiments.example_sleep sleep="{{0,0.01,0.02}}"
        jobman sqlstatus $P 1 99
        jobman sqlview $P TEST_JOBMAN2_view
        jobman sql $P EXP
        jobman sqlstatus --status=0 --status=2 $P
        jobman check $P
        jobman sqlstatus --set_status=0 $P 1
        jobman sqlschedules -f -r 3 -q $P jobman.experiments.example_sleep sleep=0
        jobman --import=numpy,json sql --in-process -n3 $P EXP
        jobman sql -n0 -j4 $P EXP
        jobman sqlschedule $P jobman.experiments.theano_test_return wanted_return=raise
        jobman sqlschedule $P jobman.experiments.theano_test_return wanted_return=raise
        jobman sql --in-process -n 4 $P EXP -> 1
        jobman check $P -> 1
        jobman sqlstatus --status=3 --set_status=START $P
        jobman sqlstatus --status=ERR_SYNC --set_status=ERR_RUN $P
        jobman sqlstatus --status=ERR_RUN --set_status=ERR_SYNC $P
        jobman sqlstatus --all --print=sleep --print-keys --select=sleep=0.01 $P
        jobman sqlstatus --all --ret_nb_jobs $P
        jobman sqlstatus --reset_prio --quiet $P 1
        jobman sqlreload --all $P EXP/$D
        jobman sqlview -d $P TEST_JOBMAN2_view
        """,
        P=url,
        D="jobs.db/t_" if table_url.startswith("sqlite") else "shared/t_",
    )  # fmt: skip
    assert printed[0].startswith("ADDING   ")
    assert printed[1].endswith("Added 3 on 3 jobs\n")
    assert printed[2] == (
        "Job id 1, status=0 jobman.sql.priority=1.0\nJob id 99 don't exit in the db\n"
    )
    assert printed[3].startswith("Creating sql view with command:")
    assert printed[5].count("status=2") == 1
    assert printed[6] == (
        "I: number of job by status (3:START, 0:RUNNING, 1:DONE, 0:ERR_START, 0:ERR_SYNC, "
        "0:ERR_RUN, 0:CANCELED) in the db (4:TOTAL)\n\n"
    )
    assert printed[7].endswith("Changed the status to 0 for 1 jobs\n")
    assert "Added 3 on 3 jobs" in printed[8]
    assert printed[9].splitlines()[-1].startswith("Finished (ran 3 jobs")
    assert printed[10].splitlines()[-1].startswith("No more jobs to run (ran 4 jobs")
    assert printed[12].startswith("SKIPPING ")
    assert "E: The following jobs had an error while running [8]" in printed[14]
    assert printed[17].endswith("Changed the status to 4 for 1 jobs\n")
    assert "Job id 3, status=2 jobman.sql.priority=1.0 sleep=0.01" in printed[18]
    assert printed[19] == "8\n"
    assert printed[20] == "Reseted the priority to the default value\n"
    assert printed[22].startswith("Deleting sql view with command:\nDROP VIEW")


def test_many_jobs_with_random_parameters(directory, sqlite_url):
    printed = run(
        """
        jobman sqlschedule $P jobman.examples.def_addition.addition_example first=1 second=3
        jobman sqlschedules $P jobman.experiments.print_state first=3 \\
            "uniform:=@random.uniform(0, 100)" "gaussian:=@random.random()"
        jobman sqlschedules $P jobman.experiments.print_state first="{{1,2,3,4}}" second=3 \\
            third="{{3,5,6}}" "uniform:=@random.uniform(0, 100)"
        jobman sql --in-process -n 4 $P .
        """,
        P=sqlite_url,
    )  # fmt: skip
    assert printed[2].endswith("Added 12 on 12 jobs\n")
    with open_table(sqlite_url) as table:
        assert len({job.state.uniform for job in table.jobs(where="third > 0")}) == 12
        assert table.counts()[Status.DONE] == 4


def test_jobs_from_a_script_and_their_results_in_a_view(directory, table_url):
    before = python(
        f"""
        from jobman.tools import DD, flatten
        from jobman import api0, sql
        from jobman.examples.def_addition import addition_example

        db = api0.open_db({table_url!r})
        state = DD()
        state['key1'] = 'value1'
        state.key2 = 2
        print('Key1 is %s and key2 is %i' % (state.key1, state['key2']))
        state = DD()
        for first in 0, 2, 4, 6, 8, 10:
            state.first = first
            for second in 1, 3, 5, 7, 9:
                state.second = second
                sql.insert_job(addition_example, flatten(state), db)
        db.createView('test_add_view')
        """
    )
    assert before.startswith("Key1 is value1 and key2 is 2\n")
    assert 'CREATE VIEW "test_add_view"' in before
    rows = query(table_url, "SELECT first, second, jobman_status FROM test_add_view")
    assert len(rows) == 30
    run("jobman sql --in-process -n0 $P .\njobman sqlview -q $P test_add_view", P=table_url)
    rows = query(
        table_url,
        "SELECT id, jobman_status AS status, first, second, result FROM test_add_view "
        "WHERE first > 4 AND second < 7 AND jobman_status = 2 ORDER BY result, id",
    )
    assert [row["id"] for row in rows] == [16, 17, 21, 18, 22, 26, 23, 27, 28]
    assert [row["result"] for row in rows] == [7, 9, 9, 11, 11, 11, 13, 13, 15]


def test_the_tour_of_a_perceptron(directory, sqlite_url):
    (directory / "mlp_jobman.py").write_text(MLP)
    (directory / "mlp_jobman.conf").write_text(CONF)
    printed = run(
        """
        jobman sqlschedule $P mlp_jobman.experiment mlp_jobman.conf
        jobman sqlschedules $P mlp_jobman.experiment mlp_jobman.conf 'n_hidden={{20,30}}'
        jobman sqlschedules $P mlp_jobman.experiment mlp_jobman.conf 'n_hidden={{20,30}}' \\
            "learning_rate:=@numpy.random.uniform(1e-6, 1e-1)"
        jobman sqlview $P mlp_dumi_view
        jobman sql $P .
        jobman sql --import=json $P .
        jobdispatch --condor --repeat_jobs=3 --test jobman sql $P .
        jobdispatch --condor --repeat_jobs=3 --test jobman sql -n 5 $P .
        jobdispatch --local --repeat_jobs=3 jobman sql $P .
        jobman sqlview -q $P mlp_dumi_view
        """,
        P=sqlite_url,
    )  # fmt: skip
    assert printed[2].endswith("Added 2 on 2 jobs\n")
    assert printed[6].startswith("3 tasks in LOGS/jobman_sql_")
    rows = query(
        sqlite_url,
        "SELECT batchsize, bestvalidationloss, learningrate, nhidden, niter FROM mlp_dumi_view "
        "WHERE jobman_status=2 ORDER BY bestvalidationloss",
    )
    assert len(rows) == 5
    assert {row["nhidden"] for row in rows} == {10, 20, 30}


def test_pylearn2s_random_search(directory):
    """The notebook on random search, with a data set of its shape that is made up."""
    demo = directory / "jobman_demo"
    demo.mkdir()
    (demo / "__init__.py").touch()
    (demo / "mlp.yaml").write_text(DEMO_YAML)
    (demo / "mlp.conf").write_text(DEMO_CONF)
    (demo / "utils.py").write_text(DEMO_UTILS)
    experiment = "pylearn2.scripts.jobman.experiment.train_experiment"
    printed = run(
        """
        jobman cmdline -g numbered $E workid_prefix=jobman_demo jobman_demo/mlp.conf
        jobman cmdline -g numbered $E workdir_prefix=jobman_demo/ jobman_demo/mlp.conf
        jobman sqlschedule sqlite:///d.db?table=t pylearn2.scripts.jobman.train_experiment \\
            jobman_demo/mlp.conf hyper_parameters.use_bias=off
        jobdispatch --local --repeat_jobs=2 --env=PYTHONPATH=$D $J -m pylearn2_jobman.jobman \\
            cmdline -g numbered $E workdir_prefix=jobman_demo/ jobman_demo/mlp.conf
        jobman sql sqlite:///d.db?table=t .
        """,
        E=experiment, J=sys.executable, D=os.environ.get("PYTHONPATH", ""),
    )  # fmt: skip
    assert "note: hyper_parameters.use_bias=off is taken for False" in printed[2]
    assert (directory / "jobman1" / "current.conf").exists()
    assert python("from jobman_demo.utils import parse_results\nparse_results('jobman_demo/')") == (
        "3 results, rates between 1e-05 and 0.1\n"
    )
    with open_table(f"sqlite:///{directory}/d.db?table=t") as table:
        (job,) = table.jobs()
    assert job.status is Status.DONE
    assert job.state.results.biases == 0


def test_the_names_of_a_command_that_is_no_more_say_what_to_use(directory):
    printed = run("jobman cachesync -m EXP/jobs.db/t -> 2\njobman analyze help -> 2")
    assert "jobman sync stores what was left" in printed[0]
