"""Jobs side by side."""

from pylearn2_jobman.jobman.dashboard.views.differences import difference_table


def text_of(part):
    """Everything that a component shows, as one text."""
    if isinstance(part, list | tuple):
        return " ".join(map(text_of, part))
    return text_of(part.children) if hasattr(part, "children") else str(part or "")


def test_only_what_differs_is_shown_and_a_dash_where_a_job_has_no_such_key():
    flats = [{"lr": 0.1, "seed": 7, "jobman.run_time": 1.0}, {"lr": 0.123456789, "seed": 7, "x": 1}]
    assert text_of(difference_table([3, 8], flats)) == "key job 3 job 8 lr 0.1 0.123457 x — 1"
    assert "do not differ" in text_of(difference_table([3, 8], [flats[0]] * 2))
    assert "two jobs or more" in text_of(difference_table([3], flats[:1]))


def test_texts_of_two_jobs_are_compared_line_by_line():
    flats = [{"yaml": "a\nb\nc"}, {"yaml": "a\nB\nc"}]
    shown = text_of(difference_table([3, 8], flats))
    assert "-b\n+B" in shown
    assert "-b" not in text_of(difference_table([3, 8, 9], [*flats, flats[0]]))
