"""Channels by their names, and by those they had before 2013."""

import pickle

import pytest

from pylearn2_jobman.errors import OldNameWarning
from pylearn2_jobman.pylearn2.channels import Channels


@pytest.mark.parametrize(
    "old",
    [
        "sgd_cost(ExhaustiveSGD[X])",
        "sgd_cost(UnsupervisedExhaustiveSGD[X])",
        "sgd_cost(SGD[features])",
    ],
)
def test_the_cost_by_its_old_name_is_the_objective_with_a_warning(old):
    channels = pickle.loads(pickle.dumps(Channels(objective=1, train_objective=2)))
    with pytest.warns(OldNameWarning, match=r"the channel sgd_cost.* is now called objective"):
        assert channels[old] == 1
    with pytest.warns(OldNameWarning, match="now called train_objective"):
        assert channels[f"train_{old}"] == 2


def test_what_never_was_a_channel_is_a_key_error():
    with pytest.raises(KeyError, match="sgd_cost"):
        Channels()["sgd_cost(SGD[X])"]
    with pytest.raises(KeyError, match="no_such"):
        Channels(objective=1)["no_such"]
    assert "sgd_cost(SGD[X])" not in Channels(objective=1)
