"""What no person writes is refused at once, with an error that names the limit.

Each of these took seconds to hours, gigabytes, or the process.
"""

import pytest

from pylearn2_jobman.errors import ConfigError, NameResolutionError, TemplateError, UsageError
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.parameters.expression import evaluate
from pylearn2_jobman.jobman.parameters.grid import expand_grid
from pylearn2_jobman.jobman.parameters.parsers import filemerge, standard
from pylearn2_jobman.jobman.query.keys import choose_keys
from pylearn2_jobman.jobman.query.select import parse_query
from pylearn2_jobman.jobman.table import open_table
from pylearn2_jobman.naming import names
from pylearn2_jobman.pylearn2.config.yaml_parse import load
from pylearn2_jobman.rendering import render
from pylearn2_jobman.values import parse_literal


def chain(first, link, levels):
    """YAML in which each anchor names the one before it."""
    links = "\n".join(f"- &a{i} " + link.format(i=i, a=f"*a{i - 1}") for i in range(1, levels))
    return f"- &a0 {first}\n{links}"


YAML = {
    "a document of characters": ("'" + "x" * 20_000_000 + "'", "20000000 are the most"),
    "brackets": ("[" * 100_000, "line 1, column 151: nested more than 150 deep"),
    "mappings": ("{a: " * 2500, "nested more than 150 deep"),
    "dashes": ("- " * 5000, "nested more than 150 deep"),
    "nodes": ("[" + "1," * 400_000 + "]", "more than 300000 nodes"),
    "aliases of aliases": (chain("[x]", "[{a}]", 700), "line 150, column 3: nested more than 150"),
    "laughs": (chain("[x]", "[{a},{a},{a}]", 15), "more than 50000 nodes, with aliases and merges"),
    "merges of many keys": (
        f"- &a {{{','.join(f'k{i}' for i in range(900))}}}\n" + "- {<<: *a}\n" * 300,
        "more than 50000 nodes, with aliases and merges written out",
    ),
    "a digit": ("1" * 5000, "line 1, column 1: '1111.*limit"),
    "problems": ("[" + "!x 1," * 2000 + "]", "line 1, column 97: unknown tag"),
}


@pytest.mark.parametrize("name", YAML)
def test_a_yaml_document_has_limits(name):
    text, message = YAML[name]
    with pytest.raises(ConfigError, match=f"(?s){message}"):
        load(text)


def test_a_bomb_of_merges_is_what_its_keys_are():
    merged = load(chain("{k0: 0}", "{{<<: [{a},{a},{a}], k{i}: 1}}", 100))
    assert [len(each) for each in merged] == list(range(1, 101))


def test_each_name_is_looked_up_once():
    assert load("[" + "!obj:dict {}," * 700 + "]") == [{}] * 700


CALLS = {
    "template": (render, ("[" * 100_000, {}), TemplateError, "column 151: nested more than 150"),
    "template's length": (render, ("x" * 20_000_001, {}), TemplateError, "20000000 are the most"),
    "rendered length": (
        render,
        ("%(x)s" * 30, {"x": "y" * 1_000_000}),
        TemplateError,
        "the YAML would have 30000000 characters; 20000000 are the most",
    ),
    "width": (render, ("a: %(x)999999999d", {"x": 1}), TemplateError, "more than 1000 characters"),
    "digits": (render, ("a: %(x).9999999f", {"x": 1}), TemplateError, "more than 1000 characters"),
    "grid": (expand_grid, (["x={{1,2}}"] * 40,), UsageError, "1,099,511,627,776 jobs; 100,000 are"),
    "one argument": (expand_grid, (["{{1,2}}" * 999],), UsageError, "far too many jobs"),
    "power": (evaluate, ("9**9**9",), UsageError, "nothing of more than 100,000 bits"),
    "pow": (evaluate, ("pow(9, 10**9)",), UsageError, "more than 100,000 bits"),
    "text": (evaluate, ("10**9 * 'x'",), UsageError, "more than 1,000,000 items"),
    "list": (evaluate, ("[0] * 10**9",), UsageError, "more than 1,000,000 items"),
    "range": (evaluate, ("sum(range(10**12))",), UsageError, "more than 1,000,000 items"),
    "format": (evaluate, ("'%999999999d' % 5",), UsageError, "too wide a text"),
    "adjust": (evaluate, ("'x'.ljust(10**10)",), UsageError, "more than 1,000,000 characters"),
    "shared lists": (evaluate, ("[[0]*1000000]*1000000",), UsageError, "more than 1,000,000 items"),
    "sum of texts": (evaluate, ("+".join(["'x'*999999"] * 9),), UsageError, "1,000,000 items"),
    "unpacked": (evaluate, (f"[{'*range(10**6),' * 600}]",), UsageError, "5,000,000 items at all"),
    "modulus": (evaluate, ("pow(3, 2**49999, 2**49999 - 1)",), UsageError, "bits by bits"),
    "product": (evaluate, ("*".join(["2**49999"] * 9),), UsageError, "more than 100,000 bits"),
    "rounding": (evaluate, ("round(1, -10**9)",), UsageError, "more than 4,300 digits"),
    "bytes": (evaluate, ("b'x' * 10**10",), UsageError, "more than 1,000,000 items"),
    "bytes of a number": (evaluate, ("(1).to_bytes(10**10)",), UsageError, "1,000,000 characters"),
    "replacement": (
        evaluate,
        ("('a' * 10**5).replace('a', 'b' * 10**5)",),
        UsageError,
        "more than 1,000,000 characters",
    ),
    "joined": (evaluate, ("('x' * 999).join(['y'] * 10**5)",), UsageError, "1,000,000 characters"),
    "field": (evaluate, ("'{0:>999999999}'.format(1)",), UsageError, "makes too wide a text"),
    "field's inside": (evaluate, ("'{0.__class__}'.format(1)",), UsageError, "looks into what"),
    "sum of lists": (evaluate, ("sum([[0]] * 10**5, [])",), UsageError, "items by items"),
    "zipped": (evaluate, ("zip(*[range(10**6)] * 900)",), UsageError, "more than 1,000,000 items"),
    "tabs": (evaluate, (r"('\t' * 10**5).expandtabs(10**5)",), UsageError, "1,000,000 characters"),
    "signs": (evaluate, ("-" * 9999 + "1",), UsageError, "not an expression"),
    "sums": (evaluate, ("1" + "+1" * 900,), UsageError, "nested too deep|not an expression"),
    "file's name": (filemerge, ("x" * 9999,), UsageError, "cannot read 'xxx.*too long"),
    "no file's name": (filemerge, ("a\0b",), UsageError, "cannot read 'a.*null"),
    "name": (names.resolve, ("a." * 4900 + "b",), NameResolutionError, "more than 50 parts"),
    "number": (parse_literal, ("[" + "1" * 6000,), ValueError, "at most 4300 digits"),
    "number in sixteens": (parse_literal, ("0x" + "f" * 6000,), ValueError, "at most 4300 digits"),
    "nesting": (parse_literal, ("[" * 9999,), ValueError, "nested more than 100 deep"),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_a_text_asks_for_has_limits(name):
    function, arguments, kind, message = CALLS[name]
    with pytest.raises(kind, match=f"(?s){message}"):
        function(*arguments)


QUERIES = {
    "where " + "x = 1 and " * 6000 + "x = 1": "the query has 60011 characters; 20000 are the most",
    "where " + "x = 1 or " * 1000 + "x = 1": "more than 200 comparisons",
    "where x in (" + "1," * 3000 + "1)": "more than 2000 values",
    "where " + "(" * 5000: "nested more than 50 deep",
    "where " + "not " * 2500: "nested more than 50 deep",
    "order by " + ",".join(["x"] * 3000): "sorts by more than 20 keys",
    "where x = " + "[" * 5000 + "]" * 5000: "is not a Python literal",
    "where x = '\\ud800'": r"column 11: '\\ud800' is half of a surrogate pair",
    "where '\\ud800' = 1": r"column 7: '\\ud800' is half of a surrogate pair",
    "where x = \ud800": r"column 11: '\\ud800' is half of a surrogate pair",
    "where x = '\\x'": "this is not a Python literal",
}


@pytest.mark.parametrize("text", QUERIES, ids=QUERIES.values())
def test_a_query_has_limits_and_its_error_is_short_and_is_text(text):
    with pytest.raises(UsageError, match=QUERIES[text]) as caught:
        parse_query(text, Schema("t_"))
    assert len(str(caught.value).encode()) < 1500


def test_bytes_that_are_no_text_are_refused_where_a_command_takes_a_name(sqlite_url):
    with open_table(sqlite_url) as table:
        table.insert({"x": 1})
        assert table.insert({"x": {0: "\ud800"}}) == 2  # inside of a literal it is escaped
        for call in (
            lambda: table.create_view("\udcff"),
            lambda: list(table.jobs(order_by="\udcff")),
            lambda: open_table(sqlite_url + "\udcff"),
        ):
            with pytest.raises(UsageError, match="not text"):
                call()


def test_a_pattern_of_many_stars_is_matched_at_once():
    keys = ["a" * 100, "hyper_parameters.lr", "b"]
    with pytest.raises(UsageError, match="no job has the key"):
        choose_keys(["*a" * 50 + "*c"], keys)
    assert choose_keys(["*a" * 50], keys) == ["a" * 100]
    assert choose_keys(["h*p*s.*"], keys) == ["hyper_parameters.lr"]
    with pytest.raises(UsageError):
        choose_keys(["a*a"], ["a"])


def test_quotes_that_are_never_closed_are_passed_over(tmp_path):
    quotes = "\\'" * 4900
    (tmp_path / "x.conf").write_text(f"a={quotes} # comment\nb='it' # '\n")
    assert filemerge(str(tmp_path / "x.conf")) == {"a": quotes, "b": "it"}
    assert standard(f"a={quotes}") == {"a": quotes}
    with pytest.raises(UsageError, match="not an expression"):
        evaluate("'\\" * 4999)


def test_many_place_holders_are_rendered_and_only_the_first_mistakes_are_listed():
    assert render("[" + "%(x)s," * 1600 + "]", {"x": "!obj:a.b"}).count("!obj:a.b") == 1600
    assert render("[" + "x%(x)s," * 1400 + "]", {"x": "!obj:a.b"}).count("x!obj:a.b") == 1400
    with pytest.raises(TemplateError) as caught:
        render(" ".join(f"%(a{i})s" for i in range(1200)), {f"b{i}": i for i in range(1000)})
    assert str(caught.value).count("there is no hyper-parameter") == 20


@pytest.mark.parametrize(
    ("template", "value"),
    [("a: \ud800", 1), ("a: %(x)s", "\ud800"), ("a: 'x%(x)s'", "\ud800"), ("a: %(x)s", ["\ud800"])],
)
def test_half_a_surrogate_pair_is_no_yaml(template, value):
    with pytest.raises(TemplateError, match=r"line 1, column \d+: .*half of a surrogate pair"):
        render(template + " # %(x)r", {"x": value})
