"""What is told of a job where it is scheduled, before anybody trains it."""

import itertools
import sys
import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner

from pylearn2_jobman import DD, checking, open_table, train_experiment
from pylearn2_jobman.errors import (
    JobmanError,
    NameNotAllowedError,
    TemplateError,
    UnusedKeyWarning,
    UsageError,
)
from pylearn2_jobman.jobman import sql
from pylearn2_jobman.jobman.cli import jobman
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.naming import absence

TRAIN = "pylearn2.scripts.jobman.experiment.train_experiment"
TEMPLATE = "!obj:LAB.Trainer { lr: %(lr)f, name: %(name)s }"
LAB = """
__all__ = ["Trainer", "Pair", "results"]
raise_if_built = True

class Base:
    def __init__(self, name="one", seed=1):
        raise AssertionError("the check builds nothing")

class Trainer(Base):
    def __init__(self, lr, **kwargs):
        super().__init__(**kwargs)

    def main_loop(self):
        raise AssertionError("nor does it train")

class Pair:
    pass

def results(trained):
    raise AssertionError("nor are there results")

constant = 3
"""
numbers = itertools.count()


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """The name of a module of one's own, another one for each test."""
    name = f"laboratory{next(numbers)}"
    (tmp_path / f"{name}.py").write_text(LAB)
    (tmp_path / "broken.py").write_text("raise KeyError('DATA')\n")
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit('a script')\n")
    (tmp_path / "wants.py").write_text("import framework_of_the_workers\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    yield name
    for module in (name, "broken", "leaves", "wants"):
        sys.modules.pop(module, None)


def state(lab, template=TEMPLATE, **changed):
    given = {
        "jobman": {"experiment": TRAIN},
        "yaml_template": template.replace("LAB", lab),
        "extract_results": f"{lab}.results",
        "hyper_parameters": {"lr": 0.1, "name": "one"},
    }
    return DD({key: value for key, value in (given | changed).items() if value is not None})


def problems(given):
    """What is told of a state: the text of the error, and of each warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            train_experiment.check(given)
        except JobmanError as error:
            return str(error), [str(warning.message) for warning in caught]
    return "", [str(warning.message) for warning in caught]


def test_a_job_without_a_mistake_is_told_nothing_of(lab):
    assert problems(state(lab)) == ("", [])
    phases = f"[{TEMPLATE}, {TEMPLATE.replace('0.1', '2')}]"
    assert problems(state(lab, phases, extract_results=None)) == ("", [])
    assert problems(state(lab, results={"nll": 1}, jobman={"note": "again"})) == ("", [])


MISTAKES = [
    ({"template": "!obj:LAB.Trainr { lr: %(lr)f, name: %(name)s }"}, "did you mean 'Trainer'?"),
    ({"template": "!obj:LAB.Trainer { l: %(lr)f, lr: 1, name: %(name)s }"}, "no argument 'l'"),
    ({"template": "!obj:LAB.Trainer { lr: %(lr)f, nmae: %(name)s }"}, "did you mean 'name'?"),
    ({"template": "!obj:LAB.Trainer { name: '%(lr)f, %(name)s' }"}, "needs the argument 'lr'"),
    (
        {"template": "# %(lr)f %(name)s\n- !obj:LAB.Pair {}"},
        "line 2, column 3: Pair has no main_lo",
    ),
    ({"template": "lr: %(lr)f %(name)s"}, "line 1, column 1: nothing is built here"),
    ({"template": "# %(lr)f %(name)s"}, "is empty: its outermost node is to be"),
    (
        {"template": "!obj:LAB.Trainer { lr: %(rate)f, name: [%(name)s }"},
        "no hyper-parameter 'rate'",
    ),
    ({"template": "!obj:LAB.constant { lr: %(lr)f, name: %(name)s }"}, "cannot be called"),
    ({"yaml_template": None}, "there is no yaml_template"),
    ({"hyper_parameters": None}, "no hyper-parameter 'lr'"),
    ({"hyper_parameters": {"lr": "much", "name": "one"}}, "wants a number, and lr is the str"),
    ({"extract_results": "LAB.reslts"}, "extract_results: cannot import"),
    ({"extract_results": "LAB.constant"}, "is not a function"),
    ({"extract_results": 3}, "is a dotted name, not 3"),
    ({"extract_results": "broken.results"}, "broken.results cannot be imported: KeyError: 'DATA'"),
    ({"extract_results": "leaves.results"}, "cannot be imported: SystemExit: a script"),
    (
        {"template": "!obj:broken.Net { a: '%(lr)f %(name)s' }"},
        "line 1, column 1: broken.Net cannot",
    ),
    ({"extract_results": "pylearn2.no.such"}, "has no such name"),
    ({"extract_results": "brokn.results"}, "did you mean 'broken'?"),
]


@pytest.mark.parametrize(("changed", "message"), MISTAKES, ids=lambda value: str(value)[:60])
def test_a_mistake_is_an_error(lab, changed, message):
    changed = {
        key: value.replace("LAB", lab) if isinstance(value, str) else value
        for key, value in changed.items()
    }
    assert message in problems(state(lab, **changed))[0]


def test_all_mistakes_are_told_at_once_with_their_places(lab):
    template = "!obj:LAB.Trainer {\n  lr: !obj:LAB.Pare {},\n  nam: %(name)s }"
    said, warned = problems(
        state(
            lab,
            template,
            extract_results=f"{lab}.reslts",
            learning_rate=3,
            hyperparameters={"n": 1},
        )
    )
    assert "extract_results: cannot import" in said
    assert "yaml_template, rendered, line 2, column 7: cannot import" in said
    assert "line 1, column 1" in said
    assert "takes no argument 'nam'; did you mean 'name'?" in said
    assert warned[0].startswith(
        "the experiment uses no key 'learning_rate': it reads yaml_template"
    )
    assert warned[1] == (
        "the experiment uses no key 'hyperparameters.n'; did you mean 'hyper_parameters.n'?"
    )
    assert warned[2] == "the template has no place-holder for the hyper-parameters lr"


@pytest.mark.parametrize(
    ("hyper", "unused"),
    [
        ({"rate": 1, "a": {"b": 1, "c": 2}}, "a.c; did you mean 'a.b'?"),
        ({"rate": 1, "a": {"b": {"x": 1}}}, ""),
        ({"rate": 1, "a": {"b": 1}, "rat": 2}, "rat; did you mean 'rate'?"),
        ({"a": {"b": 1}, "rat": 2}, "rat; did you mean 'rate'?"),
    ],
    ids=str,
)
def test_a_hyper_parameter_that_no_place_holder_uses_is_told(lab, hyper, unused):
    warned = problems(
        state(lab, "!obj:LAB.Trainer { lr: [%(rate)s, %(a.b)s] }", hyper_parameters=hyper)
    )[1]
    assert warned == [
        f"the template has no place-holder for the hyper-parameters {unused}" for _ in [1] if unused
    ]


def test_what_cannot_be_told_here_is_said(lab, monkeypatch):
    monkeypatch.delenv("DATA_OF_WORKERS", raising=False)
    template = """
        - !obj:LAB.Trainer { lr: !obj:elsewhere.Net { a: 1 }, name: '${DATA_OF_WORKERS}/%(lr)f' }
        - !obj:elsewhere.Train { net: !obj:wants.Net {}, saved: !pkl: '%(name)s.pkl' }
    """
    assert problems(state(lab, template, extract_results="wants.results")) == (
        "",
        [
            "not checked: wants.results, wants.Net: there is no package 'framework_of_the_workers' "
            "here",
            "not checked: elsewhere.Net, elsewhere.Train: there is no package 'elsewhere' here",
            "not checked: ${DATA_OF_WORKERS}/0.1: the environment variable DATA_OF_WORKERS is not "
            "set",
        ],
    )


def test_a_missing_package_is_told_from_a_misspelt_one():
    def why(name):
        try:
            __import__(name)
        except ImportError as error:
            return absence.why_absent(error)

    assert why("elsewhere_alone.x") == "there is no package 'elsewhere_alone' here"
    assert all(why(name) is None for name in ("pylaern2.train", "jsno", "json.decodr"))


def test_an_argument_is_found_through_all_classes_that_pass_them_on(lab):
    layers = ["Sigmoid { ", "RectifiedLinear { ", "LinearGaussian { init_beta: 1., min_beta: 1., "]
    layers = [
        f"!obj:pylearn2.models.mlp.{each} layer_name: h, dim: 2, irnage: 1. }}" for each in layers
    ]
    template = f"!obj:LAB.Trainer {{ lr: [{', '.join(layers)}], name: '%(lr)f %(name)s' }}"
    assert problems(state(lab, template))[0].count("'irnage'; did you mean 'irange'?") == 3


def test_jobs_that_differ_in_numbers_are_checked_once_and_others_each(lab, monkeypatch):
    checked = []
    check_phases = checking.check_phases
    monkeypatch.setattr(
        checking, "check_phases", lambda *given: checked.append(given) or check_phases(*given)
    )
    with open_table("sqlite:///jobs.db?table=t") as table:
        hyper = [{"lr": 10.0**-n, "name": "one"} for n in range(50)]
        table.insert_many([state(lab, hyper_parameters=each) for each in hyper])
        assert len(checked) == 1
        hyper = [
            {"lr": 0.1, "name": name} for name in ("two", {"__builder__": f"{lab}.Pair"}, "x2")
        ]
        table.insert_many([state(lab, hyper_parameters=each) for each in hyper])
        assert len(checked) == 4
        hyper = [*hyper, {"lr": 0.1, "name": {"__builder__": f"{lab}.Pear"}}]
        with pytest.raises(JobmanError, match=r"^job 4: .*cannot import 'laboratory\d+.Pear'"):
            table.insert_many([state(lab, hyper_parameters=each, x=None) for each in hyper])
        assert table.count() == 53


def test_with_a_list_nothing_outside_is_imported(lab, monkeypatch):
    monkeypatch.setenv("JOBMAN_ALLOW", "pylearn2.*,other.*")
    with pytest.raises(NameNotAllowedError, match="JOBMAN_ALLOW permits only"):
        train_experiment.check(state(lab, extract_results=None))
    with open_table("sqlite:///jobs.db?table=t") as table:
        table.insert({"jobman.experiment": f"{lab}.results"})  # a worker may be allowed to
    assert lab not in sys.modules
    monkeypatch.setenv("JOBMAN_ALLOW", f"pylearn2.*,{lab}.*")
    train_experiment.check(state(lab))


def test_a_document_is_looked_at_again_in_another_environment(lab, monkeypatch):
    given = state(lab, TEMPLATE.replace("%(name)s", "'${WHERE} %(name)s'"))
    monkeypatch.setenv("WHERE", "here")
    assert problems(given) == ("", [])
    monkeypatch.delenv("WHERE")
    assert problems(given)[1] == [
        "not checked: ${WHERE} one: the environment variable WHERE is not set"
    ]


class TestTables:
    def test_nothing_is_inserted_if_one_job_is_wrong(self, lab):
        with open_table("sqlite:///jobs.db?table=t") as table:
            right, unused = state(lab), state(lab, hyper_parameters={"lr": 1, "name": "", "l": 1})
            with pytest.raises(UsageError, match=r"job 2: the template has no place-holder .* l"):
                table.insert_many(each for each in (right, unused, right))
            with pytest.raises(TemplateError):
                table.insert(state(lab, hyper_parameters={}))
            assert table.count() == 0
            assert table.insert(unused, check=False) == 1
            assert table.insert(state(lab, "old"), status=Status.DONE) == 2
            assert table.insert({"jobman.experiment": "laboratory_of_the_workers.train"}) == 3

    def test_a_script_of_lisas_time_is_warned_of_what_the_original_took(self, lab):
        unused = state(lab, hyper_parameters={"lr": 1, "name": "a", "l": 1}, tag="x")
        table = open_table("sqlite:///jobs.db?table=t")
        for insert in (
            lambda job: sql.insert_job(train_experiment, flatten(job), table, force_dup=True),
            lambda job: sql.insert_dict(flatten(job), table, force_dup=True),
            lambda job: sql.add_experiments_to_db([flatten(job)], table, force_dup=True),
        ):
            with pytest.warns(UnusedKeyWarning) as caught:
                insert(unused)
            assert len(caught) == 2
            with pytest.raises(TemplateError):
                insert(state(lab, hyper_parameters={}))
        assert table.count() == 3
        table.close()

    def test_a_script_that_holds_its_extractor_is_not_run_again(self, lab, tmp_path, monkeypatch):
        script = tmp_path / "the_script.py"
        script.write_text("raise AssertionError('it is run again')")
        main = type(sys)("__main__")
        main.__file__, main.best = str(script), print
        monkeypatch.setitem(sys.modules, "__main__", main)
        with open_table("sqlite:///jobs.db?table=t") as table:
            assert table.insert(state(lab, extract_results="the_script.best")) == 1
        assert "the_script" not in sys.modules

    def test_any_experiment_may_have_a_check(self, lab, tmp_path):
        (tmp_path / f"{lab}.py").write_text("""
import warnings
from pylearn2_jobman.errors import UnusedKeyWarning, UsageError
def run(state, channel): ...
def check(state):
    if state.a.lr > 1: raise UsageError(f"lr is {state.a.lr}")
    if state.a.lr < 0: raise ValueError("negative")
    if "b" in state: warnings.warn("b is not used", UnusedKeyWarning)
    if state.a.lr == 0: warnings.warn("lr is 0")
run.check = check
""")

        def job(lr, **more):
            return {"jobman.experiment": f"{lab}.run", "a": {"lr": lr}, **more}

        with open_table("sqlite:///jobs.db?table=t") as table:
            with pytest.raises(UsageError) as info:
                table.insert_many([job(2), job(0.5), job(3), job(2, c=1), job(0.1, b=1)])
            assert str(info.value).split("\n") == [
                "job 1 and 1 more: lr is 2", "job 3: lr is 3", "job 5: b is not used",
            ]  # fmt: skip
            with pytest.raises(ValueError, match="negative") as other:
                table.insert(job(-1))
            assert other.value.__notes__ == ["while checking job 1 of those to be added"]
            with pytest.warns(UserWarning, match="^lr is 0$"):
                table.insert(job(0))
            assert table.count() == 1


URL = "sqlite:///jobs.db?table=t"
PARAMETERS = ["hyper_parameters.lr=0.1", "hyper_parameters.name=a"]
LINES = [
    ("sqlschedules", ["hyper_parameters.nam={{1,2}}"], "hyper-parameters nam; did you mean 'name'"),
    ("sqlschedule", ["hyperparameters.lr=3"], "did you mean 'hyper_parameters.lr'"),
    ("sqlschedule", ["lr=3"], "did you mean 'hyper_parameters.lr'"),
    ("sqlschedules", ["hyper_parameters.lr={{0.5,a}}"], "job 2: yaml_template, line 1"),
    ("sqlschedules", ["extract_results=LAB.reslts"], "did you mean 'results'"),
]


def test_a_command_tells_of_a_mistake_and_adds_nothing(lab, monkeypatch):
    def run(command, *arguments):
        ran = CliRunner().invoke(jobman, [command, URL, TRAIN, *arguments])
        return ran.exit_code, ran.exception

    template = f"yaml_template={TEMPLATE.replace('LAB', lab)}"
    for command, changed, message in LINES:
        changed = [each.replace("LAB", lab) for each in changed]
        _, error = run(command, template, *PARAMETERS, *changed)
        assert isinstance(error, JobmanError)
        assert message in str(error)
        assert not Path("jobs.db").exists()
        unchecked = [command, "--no-check", template, *PARAMETERS, *changed]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert run(*unchecked) == (0, None)
        Path("jobs.db").unlink()
    assert run("sqlschedules", template, *PARAMETERS, "hyper_parameters.lr={{1,(2,3)}}")[0] == 1
    assert run("sqlschedules", template, *PARAMETERS, "hyper_parameters.lr={{1,2}}") == (0, None)
