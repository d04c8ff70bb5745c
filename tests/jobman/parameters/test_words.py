"""Words without quotes mean to YAML what they meant when they were written into it with %."""

import warnings

import pytest

from pylearn2_jobman.jobman.parameters.parsers import filemerge
from pylearn2_jobman.jobman.parameters.words import TakenForWarning
from pylearn2_jobman.pylearn2.config.yaml_parse import load
from pylearn2_jobman.rendering.template import render

TEMPLATE = r"yaml_template='bias: %(bias)s\nfile: \"m_%(name)s.pkl\"\nlayer: !obj:lab.L %(layer)s'"


def parse(*arguments):
    """Return the state that arguments and the template make, and the warnings."""
    base = ("hyper_parameters.bias=1", "hyper_parameters.name=x", "hyper_parameters.layer.dim=5")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        flat = filemerge(TEMPLATE, *base, *arguments)
    return flat, [str(warning.message) for warning in caught]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        *(("false", False), ("no", False), ("Off", False), ("true", True), ("YES", True)),
        *(("on", True), ("null", None), ("~", None), ("", None), (".inf", float("inf"))),
        ("1:30", 90),
    ],
)
def test_a_word_is_what_yaml_reads_it_as_and_that_is_said(word, value):
    flat, said = parse(f"hyper_parameters.bias={word}")
    assert repr(flat["hyper_parameters.bias"]) == repr(value)
    assert said == [
        f"hyper_parameters.bias={word} is taken for {value!r}, as YAML reads it; for text put "
        f"quotes around it: hyper_parameters.bias=\"'{word}'\""
    ]
    flat, said = parse(f"hyper_parameters.bias='{word}'")
    assert (flat["hyper_parameters.bias"], said) == (word, [])


def test_in_a_dictionary_too():
    flat, said = parse("hyper_parameters.layer.use_bias=no")
    assert flat["hyper_parameters.layer.use_bias"] is False
    assert len(said) == 1


@pytest.mark.parametrize(
    "argument", ["hyper_parameters.bias=tanh", "hyper_parameters.name=no", "flag=no"]
)
def test_other_words_stay_text(argument):
    key, _, word = argument.partition("=")
    flat, said = parse(argument)
    assert (flat[key], type(flat[key]), said) == (word, str, [])


def test_without_a_template_a_word_is_text(tmp_path):
    (tmp_path / "a.conf").write_text("bias = off\n")
    flat = filemerge(f"hyper_parameters <- {tmp_path / 'a.conf'}")
    assert (flat["hyper_parameters.bias"], type(flat["hyper_parameters.bias"])) == ("off", str)


def test_nothing_for_an_entry_is_nothing():
    template = "yaml_template='{a: y, %(init)s}'"
    assert filemerge(template, "hyper_parameters.init=")["hyper_parameters.init"] == ""


def test_a_template_that_cannot_be_rendered_is_no_matter_here():
    assert filemerge("yaml_template=%(bias", "hyper_parameters.bias=no") == {
        "yaml_template": "%(bias", "hyper_parameters.bias": "no",
    }  # fmt: skip


def test_a_job_of_a_conf_file_gets_what_the_old_one_got(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.yaml").write_text("{bias: %(bias)s, list: %(list)s}")
    (tmp_path / "a.conf").write_text(
        "yaml_template := @__builtin__.open('t.yaml').read()\n"
        "hyper_parameters.bias = off  # no bias\nhyper_parameters.list = [on, ~, tanh]\n"
    )
    with pytest.warns(TakenForWarning, match="bias=off is taken for False"):
        flat = filemerge("a.conf")
    given = {"bias": flat["hyper_parameters.bias"], "list": flat["hyper_parameters.list"]}
    assert load(render(flat["yaml_template"], given)) == {
        "bias": False, "list": [True, None, "tanh"],
    }  # fmt: skip
