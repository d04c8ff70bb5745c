"""Tags and notes, written on the page."""

import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.errors import JobClaimedError
from pylearn2_jobman.jobman.dashboard.views.marks import set_marks


def test_tags_and_a_note_are_set_and_removed(table_url):
    with open_table(table_url) as table:
        table.insert({"n": 1})
        set_marks(table, 1, " best  paper ", "look again")
        state = table.get(1).state
        assert (state.jobman.tags, state.jobman.note) == ("best paper", "look again")
        set_marks(table, 1, "", "look again")
        assert "tags" not in table.get(1).state.jobman
        set_marks(table, 1, None, None)
        assert "note" not in table.get(1).state.jobman


def test_a_running_job_is_left_alone(sqlite_url):
    with open_table(sqlite_url) as table:
        table.insert({"n": 1})
        table.claim()
        with pytest.raises(JobClaimedError):
            set_marks(table, 1, "best", "")
