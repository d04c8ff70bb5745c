"""Objects built from what a state says of them."""

import datetime
import fractions

import pytest

from pylearn2_jobman.errors import NameNotAllowedError, NameResolutionError
from pylearn2_jobman.jobman.parameters.building import defaults_merge, make
from pylearn2_jobman.jobman.parameters.parsers import standard
from pylearn2_jobman.jobman.state import DD, expand


def test_a_builder_gets_its_parameters():
    state = expand(standard("share::fractions.Fraction", "share.numerator=3"))
    assert make(state.share) == fractions.Fraction(3)


def test_builders_nest_and_other_values_stay():
    built = make(
        {
            "zone.__builder__": "datetime.timezone",
            "zone.offset.__builder__": "datetime.timedelta",
            "zone.offset.hours": 2,
            "lr": 0.1,
            "layers": [1, 2],
        }
    )
    assert built.zone == datetime.timezone(datetime.timedelta(hours=2))
    assert (built.lr, built.layers) == (0.1, [1, 2])


def test_a_name_that_leads_nowhere_or_is_not_allowed_is_refused_with_its_key(monkeypatch):
    with pytest.raises(NameResolutionError) as caught:
        make({"model.__builder__": "mylab.nothing"})
    assert caught.value.__notes__ == ["while building the key 'model'"]
    monkeypatch.setenv("JOBMAN_ALLOW", "mylab.*")
    with pytest.raises(NameNotAllowedError):
        make({"a.__builder__": "os.system", "a.command": "true"})


def test_defaults_fill_in_what_is_missing():
    state = DD(lr=0.1, model=DD(nhid=50))
    defaults_merge(state, {"lr": 1, "seed": 3, "model": {"nhid": 10, "act": "tanh"}, "cost": {}})
    assert state == {"lr": 0.1, "seed": 3, "model": {"nhid": 50, "act": "tanh"}, "cost": {}}


def test_the_original_names_import():
    from jobman import DD as state_type
    from jobman import defaults_merge as merge
    from jobman import make as make_tool
    from jobman.tools import realize

    assert (state_type, merge, make_tool) == (DD, defaults_merge, make)
    assert callable(realize)
