"""Rendering: every value that goes into a template comes out when the YAML is loaded."""

import json
import math
import re
import string
from pathlib import Path
from typing import ClassVar

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pylearn2_jobman.errors import NotStorableError, RenderWarning, TemplateError
from pylearn2_jobman.jobman.state import DD, expand, flatten
from pylearn2_jobman.pylearn2.config.yaml_parse import Proxy, load
from pylearn2_jobman.rendering.flow import flow, yaml_syntax
from pylearn2_jobman.rendering.template import render, ydict

CASES = json.loads((Path(__file__).parents[1] / "data/lisa/ydict.json").read_text())["cases"]


def rendered(template, **hyper_parameters):
    """What a template with these hyper-parameters loads to, names left unresolved."""
    return load(render(template, hyper_parameters), instantiate=False)


def same(a, b):
    """Equality that tells 1 from True and 1.0, and knows nan."""
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a):
        return math.isnan(b)
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


class TestAgainstTheOriginal:
    """The recorded cases of ``template % expand(flatten(hyper_parameters), dict_type=ydict)``."""

    # Where ours is meant to differ from the value that went in, and the reason.
    ON_PURPOSE: ClassVar = {
        ("{a: %(a)f}", "{'a': 5}"): 5.0,  # %f says that a float is expected
    }
    # Python 2's bytes, as the text they are.
    BYTES: ClassVar = {"{'a': '\\xc3\\xa9'}": "é"}

    def arguments(self, case):
        scope = {"numpy": numpy, "DD": DD}
        given = eval(case["hyper_parameters"].replace("10L", "10"), scope)
        if case["hyper_parameters"] in self.BYTES:
            given = {"a": self.BYTES[case["hyper_parameters"]]}
        return expand(flatten(given), dict_type=dict)

    @pytest.mark.parametrize(
        "case",
        [c for c in CASES if c["template"].startswith("{a: ") and c["template"].count("%(") == 1],
        ids=lambda case: f"{case['template']} {case['hyper_parameters']}",
    )
    def test_a_single_value_comes_out_as_it_went_in(self, case):
        given = self.arguments(case)
        if "a" not in given and "m" not in given:
            with pytest.raises(TemplateError, match="there is no hyper-parameter 'a'"):
                render(case["template"], given)
            return
        expected = self.ON_PURPOSE.get(
            (case["template"], case["hyper_parameters"]), given.get("a", given.get("m"))
        )
        if case["template"] == "{a: %(m.x)s}":  # the original did not look into dictionaries
            expected = given["m"]["x"]
        loaded = load(render(case["template"], given), instantiate=False)
        assert same(loaded["a"], expected)

    @pytest.mark.parametrize(
        "case",
        [c for c in CASES if c["template"] == "{m: %(m)s}" and "__builder__" not in str(c)],
        ids=lambda case: case["hyper_parameters"],
    )
    def test_a_dictionary_comes_out_as_it_went_in(self, case):
        given = self.arguments(case)
        assert same(load(render(case["template"], given), instantiate=False), given)

    def test_every_case_is_read_by_one_of_the_tests_here(self):
        others = {
            c["template"]
            for c in CASES
            if not (c["template"].startswith("{a: ") and c["template"].count("%(") == 1)
            and c["template"] != "{m: %(m)s}"
        }
        assert others == {
            '{lr: %(lr)f, n: %(n)d, name: "%(name)s", m: %(m)s}',
            "{a: 100%%}",
            "a:\n  b: %(b)s\n",
            "{a: %(a)s, a: %(b)s}",
        }

    def test_several_values_in_one_template(self):
        template = '{lr: %(lr)f, n: %(n)d, name: "%(name)s", m: %(m)s}'
        given = {"lr": 1e-7, "n": 3.9, "name": "abc", "m": {"x": 1}}
        assert rendered(template, **given) == given

    def test_a_dictionary_in_a_block_template(self):
        given = {"x": 1, "y": {"z": 2}}
        assert rendered("a:\n  b: %(b)s\n", b=given) == {"a": {"b": given}}


class TestLetters:
    @pytest.mark.parametrize("letter", "dfegsEFGur")
    @pytest.mark.parametrize("value", [1e-4, 1e-7, 1 / 3, 5.7, 1e300, -0.0, 123456789.123456789])
    def test_a_letter_without_a_precision_keeps_every_digit(self, letter, value):
        assert same(rendered(f"a: %(a){letter}", a=value)["a"], value)

    def test_the_documented_example_reads_as_documented(self):
        assert render("learning_rate: %(lr)d", {"lr": 1e-4}) == "learning_rate: 0.0001"

    @pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
    def test_infinities_and_nan_survive(self, value):
        assert same(rendered("a: %(a)f", a=value)["a"], value)

    def test_f_and_e_make_a_float_of_an_integer(self):
        assert same(rendered("[%(a)f, %(a)e]", a=5), [5.0, 5.0])

    @pytest.mark.parametrize("value", [2**70 + 1, 10**400], ids=["not exact", "too large"])
    def test_f_of_an_integer_that_no_float_holds_stays_that_integer(self, value):
        loaded = rendered("a: %(a)f\nb: n_%(a)f", a=value)
        assert same(loaded, {"a": value, "b": f"n_{value}"})

    def test_f_of_true_stays_true(self):
        assert same(rendered("a: %(a)f\nb: is_%(a)f", a=True), {"a": True, "b": "is_True"})

    def test_i_truncates_and_warns_when_that_changes_the_value(self):
        with pytest.warns(RenderWarning, match=r"%\(a\)i makes 5.7 the integer 5"):
            assert same(rendered("a: %(a)i", a=5.7)["a"], 5)
        assert same(rendered("a: %(a)i", a=5.0)["a"], 5)

    def test_i_of_infinity_is_an_error(self):
        with pytest.raises(TemplateError, match="makes an integer, and a is inf"):
            render("a: %(a)i", {"a": math.inf})

    @pytest.mark.parametrize("form", ["%(a).2f", "%(a)c"])
    @pytest.mark.parametrize("around", ["", "x"])
    def test_a_number_that_a_letter_cannot_write_is_an_error_that_names_it(self, form, around):
        with pytest.raises(TemplateError, match=rf"line 1, .*{re.escape(form)} cannot write a: "):
            render(f"a: {around}{form}", {"a": -(10**400)})

    def test_an_explicit_precision_is_obeyed(self):
        assert render("[%(a).3f, %(a).2e, %(a).2g]", {"a": 1 / 3}) == "[0.333, 3.33e-01, 0.33]"
        assert rendered("a: %(a).2s", a="10e")["a"] == "10"
        assert render("a: %(a).3f", {"a": True}) == "a: 1.000"
        with pytest.warns(RenderWarning, match="the integer 5"):
            assert rendered("a: %(a).3d", a=5.7)["a"] == 5

    @pytest.mark.parametrize("text", ["!obj:lab.Net {}", "[1, 2, 3]", "{a: 1}", "&one 1", "*one"])
    def test_a_piece_of_text_that_is_yaml_is_text(self, text):
        assert rendered("a: %(a).4s\nb: x%(a).4s", a=text) == {"a": text[:4], "b": f"x{text[:4]}"}

    def test_zero_padding_does_not_make_a_number_octal(self):
        assert rendered("a: %(n)03d\nf: run_%(n)03d.pkl", n=10) == {"a": 10, "f": "run_010.pkl"}

    @pytest.mark.parametrize("letter", "xXo")
    def test_another_base_is_read_back_as_the_same_number(self, letter):
        assert rendered(f"a: %(a){letter}", a=-255)["a"] == -255

    @pytest.mark.parametrize("value", ["5", None, [1]])
    def test_a_number_letter_refuses_what_is_no_number(self, value):
        with pytest.raises(TemplateError, match=r"%\(a\)d wants a number, and a is "):
            render("a: %(a)d", {"a": value})


class TestSurroundings:
    TRICKY = 'it\'s "5%": {a}, #1 \\ \t é ☃ 𝄞\nline two'

    @pytest.mark.parametrize(
        "template",
        [
            "a: %(a)s",
            "[%(a)s]",
            "{a: %(a)s}",
            "- %(a)s",
            'a: "%(a)s"',
            "a: '%(a)s'",
            "a: '%(a)s'  # %(a)s",
            "# %(a)s\na: %(a)s",
            "%(a)s: 1",
            "!!str %(a)s",
            "{a: b, ? %(a)s : c}",
        ],
    )
    def test_a_tricky_string_arrives_whole(self, template):
        assert self.TRICKY in str(load(render(template, {"a": self.TRICKY}))).replace(
            repr(self.TRICKY)[1:-1], self.TRICKY
        ).replace("\\'", "'")

    @pytest.mark.parametrize(
        "template",
        [
            "a: before %(a)s after\nb: 1",
            "a: 'before %(a)s after'\nb: 1",
            'a: "before %(a)s after"\nb: 1',
            "{a: before %(a)s after, b: 1}",
            "a: before\n   %(a)s\n   after\nb: 1",
            "a: |-\n   before %(a)s after\nb: 1",
            "a: >-\n   before %(a)s\n   after\nb: 1",
        ],
    )
    def test_a_tricky_string_arrives_inside_a_longer_text(self, template):
        expected = {"a": f"before {self.TRICKY} after", "b": 1}
        assert rendered(template, a=self.TRICKY) == expected

    def test_block_text_keeps_its_line_breaks(self):
        template = "a: |\n  one %(a)s\n  two\nb: 1"
        assert rendered(template, a="x\ny") == {"a": "one x\ny\ntwo\n", "b": 1}
        assert render(template, {"a": "x"}) == "a: |\n  one x\n  two\nb: 1"

    def test_a_number_inside_a_word_makes_what_yaml_makes_of_the_whole(self):
        assert rendered("a: 1e-%(n)d\nb: m_%(lr)f.pkl", n=4, lr=1e-4) == {
            "a": 1e-4,
            "b": "m_0.0001.pkl",
        }

    def test_a_place_holder_in_a_tag_gives_the_class_name(self):
        loaded = rendered("!obj:mylab.%(kind)s { n: 1 }", kind="models.Net")
        assert loaded == Proxy("mylab.models.Net", {"n": 1}, "!obj:mylab.models.Net { n: 1 }")

    def test_a_tag_takes_only_a_name(self):
        with pytest.raises(TemplateError, match="line 1, column 6: a dotted name is wanted here"):
            render("!obj:%(kind)s {}", {"kind": "a b"})

    def test_a_line_break_in_a_comment_does_not_leave_it(self):
        assert rendered("a: 1 # %(note)s\n", note="x\nb: 2") == {"a": 1}

    def test_a_percent_sign(self):
        assert rendered("a: 100%%\nb: '%%d' # %%\nc: %%x") == {"a": "100%", "b": "%d", "c": "%x"}
        assert rendered("{a: %%, b: [%%]}") == {"a": "%", "b": ["%"]}


class TestStringsThatAreYaml:
    def test_a_builder_and_its_arguments_as_two_strings(self):
        template = "term: %(builder)s %(args)s\nnext: 1"
        given = {"builder": "!obj:lab.EpochCounter", "args": "{ max_epochs: 5 }"}
        loaded = rendered(template, **given)
        assert loaded["term"].name == "lab.EpochCounter"
        assert loaded["term"].keywords == {"max_epochs": 5}
        assert loaded["next"] == 1

    def test_a_builder_before_a_mapping_of_the_template(self):
        loaded = rendered("term: %(b)s { n: %(n)d }", b="!obj:lab.E", n=3)
        assert (loaded["term"].name, loaded["term"].keywords) == ("lab.E", {"n": 3})

    def test_a_builder_without_arguments_before_a_bracket(self):
        loaded = rendered("a: [%(b)s,%(b)s]\nc: {d: %(b)s}\nt: 'x %(b)s'", b="!obj:lab.E")
        assert [proxy.name for proxy in [*loaded["a"], loaded["c"]["d"]]] == ["lab.E"] * 3
        assert loaded["t"] == "x !obj:lab.E"

    def test_several_objects_in_one_string(self):
        loaded = rendered("callbacks: [ %(callbacks)s ]", callbacks="!obj:a.B {}, !obj:a.C {x: 1}")
        assert [proxy.name for proxy in loaded["callbacks"]] == ["a.B", "a.C"]

    def test_collections_aliases_and_anchors(self):
        given = {"l": "[1, 2]", "d": "{a: *one}", "anchor": "&two", "alias": "*two"}
        template = "a: &one 1\nl: %(l)s\nd: %(d)s\nx: %(anchor)s 2\ny: %(alias)s"
        assert rendered(template, **given) == {"a": 1, "l": [1, 2], "d": {"a": 1}, "x": 2, "y": 2}

    @pytest.mark.parametrize(
        "text", ["&x", "*x", "[1", "{a: ]", "!", "!mine", "[1] #", "*", "!x y"]
    )
    def test_what_only_begins_like_yaml_is_a_string(self, text):
        assert rendered("{a: %(a)s}", a=text) == {"a": text}
        assert rendered("a: %(a)s\nb: 1", a=text) == {"a": text, "b": 1}

    @pytest.mark.parametrize("text", ["!obj:a.B", "[1, 2]", "{a: 1}", "*x"])
    def test_inside_quotes_yaml_is_text(self, text):
        assert rendered("a: '%(a)s'\nb: \"x %(a)s\" # %(a)s", a=text) == {
            "a": text,
            "b": f"x {text}",
        }

    def test_strings_inside_dictionaries_are_strings_but_for_the_loaders_tags(self):
        loaded = rendered("m: %(m)s", m={"a": "[1]", "b": "!obj:lab.Net {}"})
        assert loaded["m"]["a"] == "[1]"
        assert loaded["m"]["b"].name == "lab.Net"


class TestPylearn2sPageOnJobman:
    """What its page on jobman shows, each with the object that it describes."""

    @pytest.mark.parametrize(
        ("template", "given"),
        [
            (
                '{ "termination_criterion": %(term_crit_builder)s %(term_crit_args)s }',
                {
                    "term_crit_builder": "!obj:pylearn2.training_algorithms.sgd.EpochCounter",
                    "term_crit_args": {"max_epochs": 2},
                },
            ),
            (
                '{ "termination_criterion": %(term_crit)s }',
                {
                    "term_crit": {
                        "__builder__": "pylearn2.training_algorithms.sgd.EpochCounter",
                        "max_epochs": 2,
                    }
                },
            ),
        ],
    )
    def test_an_object_is_a_hyper_parameter(self, template, given):
        criterion = rendered(template, **given)["termination_criterion"]
        assert criterion.name == "pylearn2.training_algorithms.sgd.EpochCounter"
        assert criterion.keywords == {"max_epochs": 2}

    def test_a_number_is_a_hyper_parameter(self):
        template = '{ "learning_rate": %(learning_rate)d }'
        assert rendered(template, learning_rate=1e-4) == {"learning_rate": 1e-4}


class TestEntries:
    """A place-holder in a flow mapping that stands for ``key: value``."""

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("irange: .05", {"irange": 0.05}),
            (" irange: .05, sparse_init: 15, ", {"irange": 0.05, "sparse_init": 15}),
            ('"irange": [1, {x: 2}]', {"irange": [1, {"x": 2}]}),
            ({"irange": 0.05}, {"irange": 0.05}),
            ("", {}),
        ],
    )
    @pytest.mark.parametrize(
        "template", ["{a: y, %(x)s}", "{%(x)s, a: y}", "{a: y,\n %(x)s,\n c: 1}", "{a: y, %(x)s, }"]
    )
    def test_is_that_entry(self, template, value, expected):
        rest = {"a": "y", "c": 1} if "c: 1" in template else {"a": "y"}
        assert rendered(template, x=value) == expected | rest

    def test_of_an_object_in_a_list(self):
        loaded = rendered("[!obj:lab.Linear { %(x)s }]", x="init: !obj:lab.Init {}, n: 1")
        assert loaded[0].keywords["init"].name == "lab.Init"

    @pytest.mark.parametrize("text", ["irange", "a: 1}, {b: 2", "a: 1 #", "x: !mine 1", "[a: 1]x"])
    def test_other_text_is_text(self, text):
        assert rendered("{a: y, %(x)s}", x=text) == {"a": "y", text: None}

    def test_elsewhere_it_is_text(self):
        template = "{a: %(x)s, b: [%(x)s], %(x)s : 1}"
        assert rendered(template, x="k: v") == {"a": "k: v", "b": ["k: v"], "k: v": 1}


class TestSets:
    @pytest.mark.parametrize("items", [["b", "a", 8, 0], [0, 8, "a", "b"]])
    def test_a_set_is_written_in_one_order(self, items):
        made = set()
        for item in items:
            made.add(item)
        template = "a: %(s)s\nb: 'x %(s)s'\nc: 'x %(s)r %(s)a'\nd: %(d)s"
        shown = "{0, 8, 'a', 'b'}"
        assert rendered(template, s=made, d=[{"k": made}]) == {
            "a": [0, 8, "a", "b"],
            "b": f"x {shown}",
            "c": f"x {shown} {shown}",
            "d": [{"k": [0, 8, "a", "b"]}],
        }


class TestBuilders:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('"valid_y_misclass"', "valid_y_misclass"),
            ("'it''s'", "it's"),
            ('"1"', "1"),
            ("[1, *train]", [1, "data"]),
            ("*train", "data"),
            ("*test", "*test"),
            ('"a" + "b"', '"a" + "b"'),
            ('"', '"'),
            ("no", "no"),
        ],
    )
    def test_text_with_quotes_of_its_own_and_aliases_mean_what_they_meant(self, text, expected):
        m = {"__builder__": "lab.A", "x": text, "y": {"z": text}, "l": ['"q"']}
        m = rendered("t: &train data\nm: %(m)s", m=m)["m"].keywords
        assert m == {"x": expected, "y": {"z": expected}, "l": ['"q"']}

    def test_in_other_dictionaries_quotes_are_text(self):
        assert rendered("m: %(m)s", m={"x": '"q"'}) == {"m": {"x": '"q"'}}

    def test_ydict_takes_any_alias(self):
        assert str(ydict(__builder__="lab.A", x="*train")) == "!obj:lab.A {x: *train}"

    def test_a_builder_becomes_an_object_at_any_depth(self):
        m = {"__builder__": "lab.A", "x": {"__builder__": "lab.B", "y": [{"__builder__": "lab.C"}]}}
        a = rendered("m: %(m)s", m=m)["m"]
        assert a.name == "lab.A"
        assert a.keywords["x"].name == "lab.B"
        assert a.keywords["x"].keywords["y"][0].name == "lab.C"

    def test_a_builder_that_is_no_name_is_an_error(self):
        with pytest.raises(TemplateError, match="__builder__ is a dotted name"):
            render("m: %(m)s", {"m": {"__builder__": "a b"}})

    def test_ydict_is_yaml(self):
        assert (
            str(ydict(__builder__="lab.A", lr=1e-5, s="1e3"))
            == "!obj:lab.A {lr: 1.0e-05, s: '1e3'}"
        )


class TestErrors:
    def test_all_missing_place_holders_are_reported_with_where_they_are(self):
        with pytest.raises(TemplateError) as caught:
            render("a: %(lr)f\nb: %(nhid)d\nc: %(learning_rat)f", {"learning_rate": 1, "nhid": 2})
        message = str(caught.value)
        assert "line 1, column 4: there is no hyper-parameter 'lr'" in message
        assert "line 3, column 4: there is no hyper-parameter 'learning_rat'" in message
        assert "did you mean 'learning_rate'" in message
        assert "there are: learning_rate, nhid" in message

    @pytest.mark.parametrize("bad", ["%(a", "%(a)", "%(a)y", "%s", "% off", "%", "%5%", "%(a)%"])
    def test_a_malformed_place_holder_is_an_error(self, bad):
        with pytest.raises(TemplateError, match="line 2, column 4: a malformed place-holder"):
            render(f"x: 1\ny: {bad}", {"a": 1})

    def test_a_template_that_is_not_yaml_names_the_place_in_the_template(self):
        with pytest.raises(TemplateError, match="line 2, column 12: not valid YAML"):
            render("a: %(a)s\nb: [%(a)s, @x]\n", {"a": "x" * 50})

    def test_a_hyper_parameter_that_nothing_uses_is_a_warning(self):
        with pytest.warns(RenderWarning, match="no place-holder for the hyper-parameters b, c"):
            render("a: %(a)s", {"a": 1, "b": 2, "c": 3})

    def test_an_array_is_an_error_that_names_it(self):
        with pytest.raises(NotStorableError, match=r"'m\.w' is an array"):
            render("m: %(m)s", {"m": {"w": numpy.zeros(3)}})

    def test_numpy_scalars_are_numbers(self):
        assert same(rendered("a: %(a)s", a=numpy.float32(0.5))["a"], 0.5)


# Any value that a job may have. Strings that are YAML syntax go in as syntax, by design.
text = st.text().filter(lambda s: not yaml_syntax(s))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), text)
keys = st.one_of(text.filter(lambda s: s != "__builder__"), st.integers())
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=12,
)


AROUND = string.ascii_letters + " .:/"


class TestProperties:
    @given(values)
    def test_any_value_survives_any_plain_position(self, value):
        template = "{a: %(a)s}\n"
        assert same(rendered(template, a=value)["a"], value)
        assert same(rendered("a:\n  - %(a)s\n  - 1", a=value)["a"][0], value)

    @given(
        text, st.sampled_from(["'{}'", '"{}"']), st.text(string.ascii_letters + " .:/", max_size=8)
    )
    def test_any_text_survives_quotes(self, value, quotes, around):
        template = "a: " + quotes.format(f"{around}%(a)s{around}")
        assert rendered(template, a=value) == {"a": f"{around}{value}{around}"}

    @given(text)
    def test_any_text_survives_a_block(self, value):
        assert rendered("a: |-\n  x %(a)s y\nb: 1", a=value) == {"a": f"x {value} y", "b": 1}

    @given(text)
    def test_any_text_in_a_comment_changes_nothing(self, value):
        assert rendered("a: 1 # %(a)s\nb: 2", a=value) == {"a": 1, "b": 2}

    @given(values)
    def test_flow_text_is_one_line(self, value):
        assert len(flow(value).splitlines()) == 1


def test_a_collection_may_follow_its_key_without_a_space():
    template = "!obj:m.C {shape:[%(n)i, 2], sub:{lr: %(lr)f, s: %(s)s}, v: %(v)s}"
    text = render(template, {"n": 3, "lr": 1e-7, "s": "yes", "v": "{a:[1]}"})
    assert text == "!obj:m.C {shape:[3, 2], sub:{lr: 1.0e-07, s: 'yes'}, v: {a:[1]}}"


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{shape:%(v)s, b: 1}", [1, 2], "{shape: [1, 2], b: 1}"),
        ("{shape:%(v)s}", {"a": (1, 1e-7)}, "{shape: {a: !!python/tuple [1, 1.0e-07]}}"),
        ("{shape:%(v)s, b: 1}", 3, '{"shape:3", b: 1}'),
        ("shape:%(v)s", [1, 2], '"shape:[1, 2]"'),
    ],
)
def test_a_collection_that_is_filled_in_may_follow_its_key_so_too(template, value, text):
    assert render(template, {"v": value}) == text
