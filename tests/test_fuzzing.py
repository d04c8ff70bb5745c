"""Whatever is written, read or typed: it is taken, or one of our errors says what is wrong with it.

Half a minute of search each time, the same one; ``make fuzz`` searches longer, and elsewhere.
"""

import contextlib
import sys
import warnings
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from fuzzing import examples
from hypothesis import given
from hypothesis import strategies as st
from tables import empty

from pylearn2_jobman.errors import JobmanError, NotStorableError, UsageError
from pylearn2_jobman.jobman.cli.main import main
from pylearn2_jobman.jobman.dashboard.filters import all_of, condition
from pylearn2_jobman.jobman.parameters.conf import read_conf
from pylearn2_jobman.jobman.parameters.distributions import parse_distribution
from pylearn2_jobman.jobman.parameters.expression import evaluate
from pylearn2_jobman.jobman.parameters.grid import expand_grid
from pylearn2_jobman.jobman.parameters.parsers import filemerge
from pylearn2_jobman.jobman.parameters.sweep import Sweep, one_job
from pylearn2_jobman.jobman.state import expand, flatten
from pylearn2_jobman.jobman.table import JobTable, open_table
from pylearn2_jobman.pylearn2.config.yaml_parse import load
from pylearn2_jobman.rendering import render
from pylearn2_jobman.values import format_literal, parse_literal

# Any character, halves of surrogate pairs included; and what the formats are made of.
texts = st.text(st.characters() | st.characters(categories=["Cs", "Cc"]), max_size=30)


def pieces(words: str) -> st.SearchStrategy[str]:
    """Text that is put together of these words, with and without spaces, and of any text."""
    one = st.sampled_from(words.split(" ")) | st.just("\n") | texts
    return st.lists(one, max_size=12).flatmap(
        lambda parts: st.sampled_from([" ", "", "\n"]).map(lambda space: space.join(parts))
    )


YAML = (
    "a: b: 1 2.5 1e-4 - -- --- ... [ ] { } , &x &y *x *y <<: !obj:dict !obj:list !import !pkl: "
    "!float !import:dict !foo !!bool !!int !!python/tuple !!set !!omap !!timestamp !!null !!str ' "
    '" | > # '
    "? : true null .nan 2010-13-45 ${HOME} ${ %(a)s %(a)d %(b).3f %% % {a: {?"
)
LITERALS = "( ) [ ] { } , : 1 10L 0777 0x -1 + 1j nan inf None True 'a' \" ' \\ set( u' b' ** . = *"
EXPRESSIONS = LITERALS + (
    " %a %a.b @math.pi @math. @ % // << < == and or not if else in is lambda x: len( range( max("
    " abs a.b [0] 'x%d' .upper() .__class__ pow(2, {**a} (*a, for := yield await f'{1}'"
)
CONF = EXPRESSIONS + " a= b.c= d:= e:: f <- x.conf # 'k'= {{1,2}} \ufeff \r"
SWEEP = (
    CONF + " {{ }} , .. 0.5 1e999 -3 @1 [a] [b] ~ choice( uniform( loguniform( randint( normal( )"
)
QUERY = (
    "where and or not ( ) [ ] { } , = != < <= like in is null x y.z jobman.status jobman.created "
    "jobman.id jobman.sql.priority DONE 1 0.5 1e400 -3 nan None 'a_b' \"q\" '2026-05-01' '\\ud800' "
    "'\\0' 99999999999999999999 {[1]} %"
)


def attempt(call: Callable[[], object], note: str = "") -> None:
    """Call: it may fail by one of our errors, or another that has this note."""
    try:
        call()
    except JobmanError as error:
        str(error).encode()  # a page can show it
    except Exception as error:
        if not note or not any(note in each for each in getattr(error, "__notes__", [])):
            raise


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _silent():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@examples(150)
@given(text=pieces(YAML), instantiate=st.booleans())
def test_yaml(text: str, instantiate: bool) -> None:
    attempt(lambda: load(text, instantiate=instantiate), "while ")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | pieces(YAML),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts | st.integers(), inner, max_size=3)
        | st.sets(st.integers() | texts, max_size=3)
    ),
    max_leaves=5,
)


@examples(150)
@given(template=pieces(YAML), a=VALUES, b=st.integers() | st.floats() | VALUES)
def test_a_template_is_rendered_into_what_can_be_loaded(template: str, a: Any, b: Any) -> None:
    attempt(lambda: load(render(template, {"a": a, "b": b}), instantiate=False))


@examples(150)
@given(pieces(LITERALS))
def test_literals(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_literal(text)


@examples(150)
@given(pieces(EXPRESSIONS))
def test_expressions(text: str) -> None:
    attempt(lambda: evaluate(text, {"a": {"b": 1}, "c": [1]}), "while computing")


@examples(150)
@given(pieces(CONF))
def test_conf_files_and_grids(text: str) -> None:
    Path("x.conf").write_bytes(text.encode(errors="surrogatepass"))
    attempt(lambda: filemerge("x.conf"), "while computing")
    attempt(lambda: expand(filemerge(*expand_grid([text])[0])), "while computing")


@examples(150)
@given(pieces(SWEEP), pieces(SWEEP))
def test_sweeps_and_distributions(text: str, argument: str) -> None:
    Path("x.conf").write_bytes(text.encode(errors="surrogatepass"))
    attempt(lambda: parse_distribution(argument))
    attempt(lambda: list(islice(Sweep(["x.conf", argument]), 9)), "while computing")
    attempt(lambda: list(islice(Sweep([f"a ~ {argument}", f"b={{{{{argument}}}}}"]), 9)))
    attempt(lambda: one_job("filemerge", ["x.conf", argument]), "while computing")


@examples(100)
@given(st.binary(max_size=40) | pieces(CONF).map(lambda text: text.encode(errors="replace")))
def test_states_in_files(data: bytes) -> None:
    path = Path("current.conf")
    path.write_bytes(data)
    with contextlib.suppress(UsageError):
        read_conf(path)


@pytest.fixture
def table(table_url):
    with open_table(table_url) as table:
        yield table


@examples(60)
@given(text=pieces(QUERY), typed=pieces(QUERY) | texts, number=st.booleans())
def test_queries_and_filters(table: JobTable, text: str, typed: str, number: bool) -> None:
    if not table.counts()[0]:
        table.insert({"x": 1, "y": {"z": "a"}})
    wheres = [all_of([condition(key, typed, number=number)]) for key in ("x", "jobman.created")]
    for where in (text, *wheres):
        attempt(lambda where=where: list(table.jobs(where=where)))
    attempt(lambda: table.query(f"select x {text}"))


@examples(60)
@given(st.dictionaries(texts, VALUES, max_size=4))
def test_states_in_a_table(table: JobTable, table_url: str, state: dict[str, Any]) -> None:
    empty(table_url)
    try:
        job_id = table.insert({"jobman.experiment": "lab.f", **state})
        flat = flatten(state)
    except (NotStorableError, UsageError):
        return
    assert job_id is not None
    stored = flatten(table.get(job_id).state)
    ours = {key: value for key, value in stored.items() if not key.startswith("jobman.")}
    theirs = {key: value for key, value in flat.items() if not key.startswith("jobman.")}
    assert _shown(ours) == _shown(theirs)


def _shown(flat: dict[str, Any]) -> list[tuple[str, str]]:
    # SQLite keeps 0.0 as an integer, which has no sign.
    return sorted(
        (key, format_literal(value + 0.0 if isinstance(value, float) else value))
        for key, value in flat.items()
    )


COMMANDS = (
    "best check delete diff edit export findjob query retry show sqlschedule sqlschedules "
    "sqlstatus sqlview summary help vocabulary"
)
ARGUMENTS = (
    "sqlite:///x.db?table=t sqlite:///x.db sqlite:// postgres://127.0.0.1:1/x?table=t x.csv 1 2 -1 "
    "a=1 a:=1+ {{1,2}} --where --status --by -n --help --ids --drop --set_status DONE x=1 select "
    "-- \udcff sqlite:///\udcff?table=t lab.f . "
    "jobman.examples.def_addition.addition_example parameters queries first=1 second=2 "
    "--format json --all --copy --add --remove --files --exproot nowhere"
)


@examples(100)
@given(
    command=st.sampled_from(COMMANDS.split()),
    arguments=st.lists(st.sampled_from(ARGUMENTS.split()) | texts, max_size=6),
)
def test_command_lines(capsys, command: str, arguments: list[str]) -> None:
    for stream in (sys.stdout, sys.stderr):  # as standard error is; pytest's is stricter
        stream.reconfigure(errors="backslashreplace")
    with pytest.raises(SystemExit) as ended:
        main([command, *arguments])
    assert ended.value.code in (0, 1, 2, 3)
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err + shown.out
