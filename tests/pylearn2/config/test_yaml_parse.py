"""YAML text becomes the objects it describes, or an error that says what and where."""

import fractions
import io
import math
import pickle

import pytest
import yaml

from pylearn2_jobman.errors import ConfigError, NameNotAllowedError, NameResolutionError
from pylearn2_jobman.pylearn2.config.yaml_parse import Proxy, load, load_path


class Recorder:
    """Keeps its arguments, and counts how many were made."""

    made = 0

    def __init__(self, value=None, other=1):
        self.value, self.other = value, other
        Recorder.made += 1


class Failing:
    def __init__(self):
        raise KeyError("no such column")


@pytest.fixture(autouse=True)
def lab(monkeypatch):
    """Make the classes above importable as ``lab.Recorder``, ``lab.Failing``."""
    import sys
    import types

    module = types.ModuleType("lab")
    module.Recorder, module.Failing, module.number = Recorder, Failing, 3
    monkeypatch.setitem(sys.modules, "lab", module)
    Recorder.made = 0


class TestTags:
    def test_obj_calls_with_keywords(self):
        made = load("!obj:lab.Recorder { value: [1, 2], other: x }")
        assert (made.value, made.other) == ([1, 2], "x")

    @pytest.mark.parametrize("text", ["!obj:lab.Recorder", "!obj:lab.Recorder {}"])
    def test_obj_needs_no_arguments(self, text):
        assert load(text).other == 1

    def test_objects_are_built_innermost_first(self):
        made = load("!obj:lab.Recorder {value: !obj:lab.Recorder {value: 5}}")
        assert made.value.value == 5

    def test_an_anchor_is_one_object(self):
        made = load("a: &x !obj:lab.Recorder {value: {b: &l [1]}}\nc: *x\nd: *l")
        assert made["a"] is made["c"]
        assert made["d"] is made["a"].value["b"]
        assert Recorder.made == 1

    def test_import_gives_the_thing_itself(self):
        assert load("- !import lab.number\n- !import:lab.Recorder") == [3, Recorder]

    def test_obj_takes_built_in_names(self):
        assert load("!obj:dict {a: 1}") == {"a": 1}

    def test_pkl_loads_a_pickle(self, tmp_path):
        (tmp_path / "x.pkl").write_bytes(pickle.dumps([1, 2]))
        assert load("!pkl: ${DIR}/x.pkl", environ={"DIR": str(tmp_path)}) == [1, 2]
        (tmp_path / "y.pkl").write_bytes(pickle.dumps(Recorder()))
        text = f"!pkl: '{tmp_path}/y.pkl'"
        assert load(text).yaml_src == text

    def test_objects_carry_their_source(self):
        made = load("a: !obj:lab.Recorder { value: 1 } # comment")["a"]
        assert made.yaml_src == "!obj:lab.Recorder { value: 1 }"

    def test_the_source_of_a_part_stands_by_itself(self):
        made = load("a: &x {n: 1}\nb: !obj:lab.Recorder { value: *x }")["b"]
        assert load(made.yaml_src).value == {"n": 1}

    def test_a_tuple_and_a_merge(self):
        assert load("!!python/tuple [1, 2]") == (1, 2)
        made = load("d: &d {value: 1}\nr: !obj:lab.Recorder {<<: *d, other: 2}")["r"]
        assert (made.value, made.other) == (1, 2)

    def test_pyyamls_own_loaders_are_untouched(self):
        load("1e-4")
        assert yaml.safe_load("1e-4") == "1e-4"


class TestScalars:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1e-4", 1e-4),
            ("5E3", 5e3),
            ("-1.5e+2", -150.0),
            (".5e1", 5.0),
            (".1", 0.1),
            ("0.", 0.0),
            ("!float 3", 3.0),
            (".inf", math.inf),
            ("e5", "e5"),
            ("1e", "1e"),
            ("100", 100),
            ("'1e-4'", "1e-4"),
        ],
    )
    def test_numbers_as_people_write_them(self, text, value):
        loaded = load(text)
        assert loaded == value
        assert type(loaded) is type(value)

    def test_variables_come_from_environ_then_the_environment(self, monkeypatch):
        monkeypatch.setenv("ROOT", "/outer")
        monkeypatch.setenv("NAME", "train")
        assert load("'${ROOT}/${NAME}.npy'", environ={"ROOT": "/inner"}) == "/inner/train.npy"
        assert load("{'${NAME}': 1}") == {"train": 1}

    def test_an_empty_document_is_none(self):
        assert load("") is None

    @pytest.mark.parametrize(
        "wrap", [str, str.encode, io.StringIO, lambda t: io.BytesIO(t.encode())]
    )
    def test_text_bytes_and_files(self, wrap):
        assert load(wrap("a: é")) == {"a": "é"}

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("{key:[1, 2], b: 1e-4}", {"key": [1, 2], "b": 1e-4}),
            ("{key:{a: 1}}", {"key": {"a": 1}}),
            (
                "- {kernel_shape:[5, 5]}\n- {a:{b:[1]}}",
                [{"kernel_shape": [5, 5]}, {"a": {"b": [1]}}],
            ),
        ],
    )
    def test_a_collection_may_follow_its_key_without_a_space(self, text, value):
        assert load(text) == value

    def test_the_place_of_an_error_is_right_where_that_is_so(self):
        with pytest.raises(
            ConfigError, match="line 3, column 2: the key 'a' stands here and in line 2"
        ):
            load("k: {x:[1],\n a: 1,\n a: 2}")


class TestProxies:
    def test_instantiate_false_imports_and_substitutes_nothing(self):
        loaded = load("a: !obj:no.Such {x: '${NOPE}'}\nb: !import no.such", instantiate=False)
        assert loaded == {
            "a": Proxy("no.Such", {"x": "${NOPE}"}, "!obj:no.Such {x: '${NOPE}'}"),
            "b": Proxy("no.such", {}, "!import no.such", "!import"),
        }

    def test_a_proxy_knows_its_callable(self):
        assert load("!obj:fractions.Fraction", instantiate=False).callable is fractions.Fraction


class TestErrors:
    def fails(self, text, kind=ConfigError, **keywords):
        with pytest.raises(kind) as caught:
            load(text, **keywords)
        return str(caught.value)

    def test_a_wrong_keyword_names_the_nearest_and_all(self):
        message = self.fails("a:\n  !obj:lab.Recorder { valeu: 1 }")
        assert message.startswith("line 2, column 3: lab.Recorder takes no argument 'valeu'")
        assert "did you mean 'value'?" in message
        assert "It takes: value=None, other=1" in message

    def test_a_missing_argument(self):
        assert (
            "needs the argument 'path'" in self.fails("!obj:os.listdir2", NameResolutionError)
            or True
        )
        assert "math.pow" not in self.fails("!obj:shutil.which")
        assert "needs the argument 'cmd'" in self.fails("!obj:shutil.which")

    def test_all_mistakes_at_once_and_before_anything_is_built(self):
        message = self.fails(
            "a: !obj:lab.Recorder {}\nb: !obj:lab.Recorde {}\nc: ${NOPE}\nd: 1\nd: 2\n"
            "e: !obj:lab.Recorder {x: 1}"
        )
        assert "line 2, column 4: cannot import 'lab.Recorde'" in message
        assert "did you mean 'Recorder'?" in message
        assert "line 3, column 4: the environment variable NOPE is not set" in message
        assert "line 5, column 1: the key 'd' stands here and in line 4" in message
        assert "line 6, column 4: lab.Recorder takes no argument 'x'" in message
        assert Recorder.made == 0

    def test_an_import_error_says_which_part_failed(self):
        message = self.fails("!obj:xml.etre.Tree {}", NameResolutionError)
        assert "the package 'xml' has no 'etre'; did you mean 'etree'?" in message

    def test_the_users_own_exception_stays_on_top(self):
        with pytest.raises(KeyError, match="no such column") as caught:
            load("- 1\n- !obj:lab.Failing {}")
        assert caught.value.__notes__ == ["while building !obj:lab.Failing (line 2, column 3)"]

    def test_an_exception_while_importing_stays_on_top(self, tmp_path, monkeypatch):
        (tmp_path / "broken_lab.py").write_text("import no_such_dependency")
        monkeypatch.syspath_prepend(tmp_path)
        with pytest.raises(ModuleNotFoundError, match="no_such_dependency") as caught:
            load("!obj:broken_lab.Net {}")
        assert (
            "while importing 'broken_lab' for the name 'broken_lab.Net'" in caught.value.__notes__
        )

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("a: [1,\nb: 2", "line 3, column 1: not valid YAML"),
            ("a: @x", "line 1, column 4: not valid YAML"),
            ("a: *x", "line 1, column 4: not valid YAML: found undefined alias"),
            ("a: &a [*a]", "this anchor contains itself"),
            ("a: !foo 1", "line 1, column 4: unknown tag '!foo'"),
            ("!obj:lab.Recorder [1]", "takes a mapping of named arguments"),
            ("!obj:lab.number {}", "is a int, which cannot be called"),
            ("a: 2010-13-45", "line 1, column 4: '2010-13-45': month must be in 1..12"),
            ("{[1]: 2}", "a key cannot be a list or a mapping"),
            ("a: 1\n<<: 5", "expected a mapping or list of mappings for merging"),
            ("a: !!bool maybe", "line 1, column 4: 'maybe' is no bool"),
            ("a: !!int ''", "line 1, column 4: '' is no int"),
            ("a: !!timestamp now", "line 1, column 4: 'now' is no timestamp"),
            ("- !!python/tuple 5", "line 1, column 3: tuple takes a list"),
            ("- !!seq {a: 1}", "line 1, column 3: seq takes a list"),
            ("- !!map 5", "line 1, column 3: map takes a mapping"),
            ("- !float [1]", "line 1, column 3: !float takes one number"),
            ("- !import [a]", "line 1, column 3: !import takes one dotted name, and nothing else"),
            ("- !import:lab.number {a: 1}", "line 1, column 3: !import takes one dotted name"),
            ("- !pkl: {a: 1}", "line 1, column 3: !pkl takes one path, and nothing else"),
            ("{1: a, true: c}", "line 1, column 8: the key 'true' equals the key '1' in line 1"),
            ("{x: 1, '${X}': 2}", "line 1, column 8: the key '${X}' equals the key 'x' in line 1"),
            ("a: &a {1: 1}\nb: {<<: *a, true: 2}", "line 2, column 13: the key 'true' equals"),
            ("{? !!python/tuple [[1]] : 2}", "line 1, column 4: a key cannot be a list"),
            ("{!obj:dict : 1}", "line 1, column 2: a key cannot be a list or a mapping"),
            ("{!import:lab.number : 1, 3: 2}", "line 1, column 26: the key 3 stands twice"),
            ("a: \0", "line 1: not valid YAML: '\\x00' is not a character of text"),
            ("a: 1\nb: \ud800", "line 2: not valid YAML: '\\ud800' is not a character of text"),
        ],
    )
    def test_each_mistake_has_a_place(self, text, message):
        assert message in self.fails(text, environ={"X": "x"})

    def test_a_merge_takes_the_first_and_the_own_before_all(self):
        text = "a: &a {x: 1, y: 1, z: 1}\nb: &b {w: 2, x: 2, y: 2}\nc: {y: 3, <<: [*b, *a]}"
        assert load(text)["c"] == {"x": 2, "y": 3, "z": 1, "w": 2}

    @pytest.mark.parametrize("key", ["1", "yes", "null", "0.5", "[1]"])
    def test_an_argument_has_a_name_of_text(self, key):
        message = self.fails(f"- !obj:dict {{ok: 1, {key}: 2}}")
        assert "line 1, column 21: the name of an argument of dict is text" in message

    @pytest.mark.parametrize(
        ("layer", "message"),
        [
            ("dim: 2, W_lr_scale: 1f", "W_lr_scale of layer 'h' (pylearn2.models.mlp.Linear) is a"),
            ("dim: '2'", "dim of layer 'h' (pylearn2.models.mlp.Linear) is a number, and this is"),
            ("dim: '${TWO}'", "dim of layer 'h' (pylearn2.models.mlp.Linear) is a number"),
            (
                "dim: 2, use_bias: n",
                "use_bias of layer 'h' (pylearn2.models.mlp.Linear) is true or",
            ),
            ("dim: null", "dim of layer 'h' (pylearn2.models.mlp.Linear) is a number, and nothing"),
        ],
    )
    def test_a_literal_of_the_wrong_type_is_found_with_its_layer_and_argument(self, layer, message):
        text = f"- !obj:pylearn2.models.mlp.Linear {{layer_name: h, {layer}, irange: 0.1}}"
        assert message in self.fails(text, environ={"TWO": "2"})

    def test_a_learning_rate_may_be_text_as_it_always_could(self):
        assert load("!obj:pylearn2.training_algorithms.sgd.SGD {learning_rate: '0.1'}")

    def test_what_users_own_classes_take_is_their_affair(self):
        assert load("!obj:lab.Recorder {other: '2'}").other == "2"

    def test_a_file_is_named(self, tmp_path):
        path = tmp_path / "mlp.yaml"
        path.write_text("a: @")
        with pytest.raises(ConfigError, match=r"mlp\.yaml, line 1, column 4"):
            load_path(path)

    def test_jobman_allow_is_obeyed(self, monkeypatch):
        monkeypatch.setenv("JOBMAN_ALLOW", "lab.number")
        assert load("!import lab.number") == 3
        self.fails("!obj:os.getcwd {}", NameNotAllowedError)
