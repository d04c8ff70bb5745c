"""The catalogue of errors is the tree of errors, and quotes what is raised."""

import inspect
import re
import sqlite3
import warnings
from pathlib import Path

import numpy
import pytest

from pylearn2_jobman import DD, errors, open_table, render, train_experiment
from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.fence.paths import job_path
from pylearn2_jobman.jobman.parameters.parsers import standard
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.naming import names
from pylearn2_jobman.pylearn2.config.yaml_parse import load
from pylearn2_jobman.running.checkpoint import CheckpointFile
from pylearn2_jobman.values import storable

PAGE = (Path(__file__).parents[1] / "docs/reference/errors.rst").read_text(encoding="utf-8")
KINDS = {name: kind for name in errors.__all__ if isinstance(kind := getattr(errors, name), type)}
TABLE = "sqlite:///jobs.db?table=mlp"


def sections():
    """The text of the page below each class's name."""
    titles = list(re.finditer(r"^(\w+(?:Error|Warning))\n[-~]+\n", PAGE, re.MULTILINE))
    ends = [title.start() for title in titles[1:]] + [len(PAGE)]
    return {title[1]: PAGE[title.end() : end] for title, end in zip(titles, ends, strict=True)}


def quoted(text):
    """The literal block at a section's end, if there is one."""
    _, found, block = text.partition("::\n\n")
    lines = re.split(r"\n(?=\S)", block)[0].rstrip().split("\n")
    return "\n".join(line.removeprefix("    ") for line in lines) if found else None


def checkpoint():
    CheckpointFile(Path(), "a: 1\n").save({}, {})
    CheckpointFile(Path(), "a: 2\n").load()


def gone():
    with open_table(TABLE) as table:
        table.counts()
        Path("jobs.db").unlink()
        table.counts()


def lost():
    with open_table(TABLE) as table:
        table.insert({"lr": 0.1})
        claim = table.claim()
        table.set_status([1], Status.START)
        table.write_back(claim, {"lr": 0.1}, status=Status.DONE)


def claimed():
    with open_table(TABLE) as table:
        table.insert({"lr": 0.1})
        table.claim()
        table.change(1, {"lr": 0.2})


def unknown():
    with open_table(TABLE) as table:
        table.get(7)


def unknown_key():
    with open_table(TABLE) as table:
        table.insert({"hyper_parameters": {"nhid": 50}})
        list(table.jobs(where="nhid = 50"))


def unreadable():
    with open_table(TABLE) as table:
        table.insert({"lr": 0.1})
        with sqlite3.connect("jobs.db") as connection:
            connection.execute("UPDATE mlpkeyval SET type = 'b', bval = '0.1 +' WHERE name = 'lr'")
        table.get(1)


def not_allowed(call):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOBMAN_ALLOW", "pylearn2.*")
        patch.delenv("PYLEARN2_DATA_PATH", raising=False)
        call()


RAISING = {
    "UsageError": lambda: standard("nhid 50"),
    "UnknownKeyError": unknown_key,
    "NameResolutionError": lambda: names.resolve("json.decodr.JSONDecoder"),
    "NameNotAllowedError": lambda: not_allowed(lambda: names.resolve("os.system")),
    "PathNotAllowedError": lambda: not_allowed(lambda: job_path("/etc/passwd")),
    "TemplateError": lambda: render("learning_rate: %(l_rate)f", {"lrate": 0.1}),
    "ConfigError": lambda: load(
        '!obj:pylearn2.termination_criteria.EpochCounter {\n    max_epochs: "2"\n}'
    ),
    "CheckpointError": checkpoint,
    "MissingKeyError": lambda: DD(lr=0.1).nhid,
    "JobClaimedError": claimed,
    "NotStorableError": lambda: storable({"W": numpy.zeros((2, 3))}),
    "TableUnreachableError": gone,
    "ClaimLostError": lost,
    "UnknownJobError": unknown,
    "UnreadableJobError": unreadable,
    "OldNameWarning": lambda: names.resolve("pylearn2.training_algorithms.sgd.MomentumAdjustor"),
    "RenderWarning": lambda: render("a: %(n)i", {"n": 2.5}),
    "UnusedKeyWarning": lambda: render("a: %(lrate)f", {"lrate": 1, "l_rate": 1}),
    "NotCheckedWarning": lambda: train_experiment.check(DD(yaml_template="!obj:elsewhere.Net {}")),
    "NotComputedWarning": lambda: standard("lr=10**-4"),
}


def test_the_page_has_every_class_and_says_what_to_do():
    assert sorted(sections()) == sorted(KINDS)
    assert {name for name, text in sections().items() if quoted(text)} == set(RAISING)
    assert all(len(text) > 60 for text in sections().values())


@pytest.mark.parametrize("name", RAISING)
def test_a_quoted_message_is_what_is_raised(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kind = KINDS[name]
    if issubclass(kind, Warning):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            RAISING[name]()
        raised = caught[0].message
    else:
        with pytest.raises(kind) as info:
            RAISING[name]()
        raised = info.value
    assert type(raised) is kind
    assert str(raised) == quoted(sections()[name])


def test_the_tree_at_the_top_is_the_tree():
    drawn = {}
    above = {-1: "Exception"}
    for line in (inspect.getdoc(errors) or "").splitlines():
        match = re.match(r"    ([\s│├└─]*)(\w+Error)(?:\s+\(([\w, ]+)\))?", line)
        if match is None:
            continue
        depth = len(match[1]) // 4
        above[depth] = match[2]
        drawn[match[2]] = [above[depth - 1], *filter(None, (match[3] or "").split(", "))]
    kinds = {name: kind for name, kind in KINDS.items() if issubclass(kind, JobmanError)}
    assert drawn == {
        name: [base.__name__ for base in kind.__bases__] for name, kind in kinds.items()
    }


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if issubclass(kind, JobmanError)])
def test_without_a_message_an_error_says_what_its_class_does(kind):
    assert str(kind()) == inspect.getdoc(kind)
