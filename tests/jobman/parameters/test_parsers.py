"""Parameters on the command line and in .conf files: what LISA's jobman made of them, and ours."""

import json
import math
import warnings
from pathlib import Path

import pytest

from pylearn2_jobman.errors import NameResolutionError, NotComputedWarning, UsageError
from pylearn2_jobman.jobman.parameters import parsers as params
from pylearn2_jobman.jobman.parameters.choices import Choices
from pylearn2_jobman.jobman.parameters.distributions import RandInt
from pylearn2_jobman.jobman.parameters.parsers import filemerge, standard

LISA = Path(__file__).parents[2] / "data" / "lisa"
PARSE = json.loads((LISA / "parse.json").read_text(encoding="utf-8"))["cases"]
NAMES = {"inf": math.inf, "nan": math.nan, "set": set, "float": float}


def value_of(literal):
    return eval(literal, {"__builtins__": {}}, NAMES)


def same(a, b):
    return type(a) is type(b) and repr(a) == repr(b)


@pytest.mark.parametrize("case", PARSE, ids=lambda case: " ".join(case["args"]) or "nothing")
def test_recorded_parameters(case, tmp_path, monkeypatch):
    for name, text in case.get("files", {}).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    parse = getattr(params, case["function"].rpartition(".")[2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotComputedWarning)
        if "ours_error" in case:
            with pytest.raises(UsageError) as error:
                parse(*case["args"])
            assert str(error.value) == case["ours_error"]
            return
        flat = parse(*case["args"])
    if "ours" in case:
        assert case["reason"]
        expected = {key: value_of(text) for key, text in case["ours"].items()}
    else:
        expected = {key: value_of(v["py3_literal"]) for key, v in case["result"].items()}
    assert flat.keys() == expected.keys()
    assert all(same(flat[key], expected[key]) for key in flat)


@pytest.mark.parametrize(
    "text", ["2**10", "1/2", "1-2", "[x for x in range(3)]", "round(2.5)", "max(1, 2)", "'a'*3"]
)
def test_text_that_eval_would_have_computed_gives_a_notice(text):
    with pytest.warns(NotComputedWarning, match="to compute it write a:="):
        assert standard(f"a={text}") == {"a": text}


def test_a_distribution_that_is_not_drawn_gives_a_notice():
    with pytest.warns(NotComputedWarning, match="to draw it write a ~ loguniform"):
        assert standard("a=loguniform(1e-4, 1)") == {"a": "loguniform(1e-4, 1)"}


@pytest.mark.parametrize(
    "text", ["max", "foo.bar", "a-b", "data/x", "x[1]", "/data/x.npy", "1.2.3", "hello world", ""]
)
def test_ordinary_text_gives_no_notice(text):
    assert standard(f"a={text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2**10", 1024),
        ("1/2", 0.5),
        ("7 % 4", 3),
        ("7%4", 3),
        ("%n * 2", 8),
        ("9 % %n", 1),
        ("%h.lr / 2", 0.05),
        ("%name.upper()", "ADAM"),
        ("[%n, '%n', \"@x\"]", [4, "%n", "@x"]),
        ("max(%n, 10) if %n > 3 else None", 10),
        ("@math.floor(2.5)", 2),
        ("@__builtin__.sorted([3, 1], reverse=True)[0]", 3),
        ("{'a': 1, **{'b': (2,)}}", {"a": 1, "b": (2,)}),
        ("@numpy.float64(0.5)", 0.5),
        ("1 < 2 < 2", False),
        ("-inf", -math.inf),
    ],
)
def test_an_expression_is_computed(text, value):
    flat = standard("n=4", "h.lr=0.1", "name=adam", f"a:={text}")
    assert same(flat["a"], value)


def test_an_expression_reads_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mlp.yaml").write_text("!obj:x {}\n")
    assert standard("t:=@__builtin__.open('mlp.yaml').read()") == {"t": "!obj:x {}\n"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("().__class__", "'__class__' is not allowed"),
        ("foo + 1", "unknown name 'foo'"),
        ("open('x')", "@module.open"),
        ("lambda: 1", "Lambda is not allowed"),
        ("%num", "'num', which is not given before it; did you mean 'numb'"),
        ("1 +", "not an expression"),
    ],
)
def test_an_expression_that_is_refused_says_why(text, message):
    with pytest.raises(UsageError, match=message.replace("(", r"\(")):
        standard("numb=4", f"a:={text}")


def test_an_import_in_an_expression_that_fails_says_which_part():
    with pytest.raises(NameResolutionError, match=r"'math' has no 'squirt'.*'sqrt'"):
        standard("a:=@math.squirt(4)")


def test_what_an_expression_raises_says_where_it_was_computed():
    with pytest.raises(ZeroDivisionError) as error:
        standard("a:=1/0")
    assert error.value.__notes__ == ["while computing '1/0'"]


def test_an_error_in_a_file_names_the_file_and_the_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.conf").write_text("x = 1\n\nsub <- b.conf\n")
    Path("b.conf").write_text("# nothing\ny := 1 +\n")
    with pytest.raises(UsageError, match=r"^a.conf, line 3: b.conf, line 2: '1 \+' is not an"):
        filemerge("a.conf")


def test_a_file_that_includes_itself_is_an_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.conf").write_text("a.conf\n")
    with pytest.raises(UsageError, match=r"a\.conf includes itself"):
        filemerge("a.conf")


def test_a_key_refers_to_the_keys_of_its_own_file_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.conf").write_text("n = 3\ntwice := 2 * %n\nouter := %m\n")
    flat = filemerge("n=100", "m=7", "k <- a.conf")
    assert (flat["k.twice"], flat["k.outer"]) == (6, 7)


def test_an_apostrophe_does_not_hide_a_comment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.conf").write_text("x = it's fine # isn't it\ny = ['#', 'a'] # '\n")
    assert filemerge("a.conf") == {"x": "it's fine", "y": ["#", "a"]}


def test_spaces_around_the_value_of_a_quoted_key_do_not_count():
    assert params.raw("'learning rate' =  0.1 ") == {"learning rate": "0.1"}
    assert standard("'a=b' = plain text ") == {"a=b": "plain text"}


def test_a_parser_is_found_by_name():
    assert params.parser("raw")("a=1") == {"a": "1"}
    assert params.parser("pylearn2_jobman.jobman.parameters.parsers.standard")("a=1") == {"a": 1}
    with pytest.raises(UsageError, match="there are filemerge, raw, raw_filemerge, standard"):
        params.parser("fancy")


def test_a_key_is_drawn_below_the_prefix_of_its_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.conf").write_text("n ~ randint(1, 9)  # a comment\ntwice := 2 * %n\n")
    Path("b.conf~").write_text("x = 1\n")
    flat = filemerge("k <- a.conf", "'a=b' ~ choice(it's)", "t~choice(no)", "b.conf~", "p=~/x ~ y")
    assert flat["k.n"] == RandInt(1, 9).draw(0, "k.n", 0) == flat["k.twice"] / 2
    assert (flat["a=b"], flat["t"], flat["x"], flat["p"]) == ("it's", "no", 1, "~/x ~ y")


def test_what_draws_chooses_gets_the_whole_key_and_the_distribution():
    class Recording(Choices):
        def draw(self, key, distribution):
            return f"{key} {distribution}"

    flat = standard("a.b ~ loguniform(1e-4, 1)", choices=Recording())
    assert flat == {"a.b": "a.b loguniform(0.0001, 1.0)"}


def test_a_distribution_that_is_none_is_an_error():
    with pytest.raises(UsageError, match=r"'unifrom\(1\)'; did you mean 'uniform'"):
        standard("a ~ unifrom(1)")
