"""The text of a job's page."""

from dash import html

from pylearn2_jobman.jobman.dashboard.formatting import format_value, job_label
from pylearn2_jobman.jobman.dashboard.views.highlight import highlighted
from pylearn2_jobman.jobman.dashboard.views.jobpage import job_of
from pylearn2_jobman.jobman.status import Status

YAML = """!obj:mylab.Train { # a <b>comment</b>
    lr: 1.0e-07, name: 'x y', on: &a [yes, .inf, *a],
}
\ttab </pre><script>alert(1)</script> \u2028
"""


def text_of(part):
    return part.children if isinstance(part, html.Span) else part


def test_highlighting_changes_no_character():
    assert "".join(map(text_of, highlighted(YAML))) == YAML
    assert highlighted("") == []


def test_tags_keys_numbers_text_anchors_and_comments_are_told_apart():
    classes = {
        part.children.strip(): part.className
        for part in highlighted(YAML)
        if isinstance(part, html.Span)
    }
    assert classes["!obj:mylab.Train"] == "y-tag"
    assert classes["lr"] == "y-key"
    assert classes["1.0e-07"] == classes[".inf"] == "y-number"
    assert classes["yes"] == "y-string"
    assert classes["&a"] == classes["*a"] == "y-anchor"
    assert classes["# a <b>comment</b>"] == "y-comment"


def test_an_address_names_a_job_or_none():
    assert job_of("/job/12") == 12
    for path in (None, "/", "/job/", "/job/x", "/job/1/2", "/job/-1", "/job/\u00b2", "/12"):
        assert job_of(path) is None
    assert job_of("/job/" + "9" * 30) is None


def test_values_are_shown_on_one_line():
    assert format_value("a", None) == ""
    assert format_value("a", 0.1 + 0.2) == "0.3"
    assert format_value("a", [1, None]) == "[1, None]"
    assert format_value("a", "two\nlines") == "two lines"
    assert len(format_value("a", "x" * 10_000)) == 200
    assert format_value("jobman.status", Status.ERR_RUN) == "ERR_RUN"
    assert format_value("jobman.run_time", 200.0) == "3 min 20 s"
    assert format_value("jobman.end_time", 86400.0 * 365).startswith(("1970-12-31", "1971-01-01"))
    assert format_value("jobman.end_time", float("inf")) == "inf"


def test_hyper_parameters_are_told_in_short():
    values = {"hyper_parameters.nhid": 50, "hyper_parameters.lr": 0.1, "hyper_parameters.x": None}
    assert job_label(values) == "nhid=50 lr=0.1"
