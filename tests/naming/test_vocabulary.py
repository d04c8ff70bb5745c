"""The vocabulary is what YAML files can name, and says what is near to what it has not."""

import pytest
from click.testing import CliRunner

from pylearn2_jobman.errors import NameResolutionError, UsageError
from pylearn2_jobman.jobman.cli import jobman
from pylearn2_jobman.naming import names, vocabulary
from pylearn2_jobman.pylearn2.scripts import train


def test_every_name_leads_to_something_that_can_be_called_and_says_what_it_is():
    entries = vocabulary.entries()
    assert len(entries) > 90
    for entry in entries:
        assert callable(names.resolve(entry.path))
        assert len(entry.summary) > 10, entry


def test_arguments_are_written_with_their_defaults():
    (entry,) = vocabulary.entries("costs.ebm_estimation.CDk")
    assert (entry.path, entry.arguments) == (
        "pylearn2.costs.ebm_estimation.CDk",
        "nsteps, seed=42",
    )


def test_arguments_that_are_passed_up_are_among_them():
    (entry,) = vocabulary.entries("mlp.RectifiedLinear")
    assert entry.arguments.startswith("left_slope=0.0, dim, layer_name, irange=None, istdev=None,")
    (entry,) = vocabulary.entries("autoencoder.DenoisingAutoencoder")
    assert entry.arguments.startswith("corruptor, nvis, nhid, act_enc, act_dec, tied_weights=False")


def test_how_things_are_made_inside_is_no_part_of_it():
    assert not vocabulary.entries("MonitoredDataset")


def test_a_part_of_a_name_finds_it_in_any_case():
    found = {entry.path for entry in vocabulary.entries("gaussianBINARY")}
    assert found == {"pylearn2.models.rbm.GaussianBinaryRBM"}


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        ("pylearn2.models.dbm.DBM", "pylearn2.models.rbm.RBM"),
        ("pylearn2.models.autoencoder.Autoencodr", "pylearn2.models.autoencoder.Autoencoder"),
        ("pylearn2.costs.mlp.Dropout", "pylearn2.costs.mlp.dropout.Dropout"),
    ],
)
def test_a_class_that_is_not_there_names_the_nearest_and_how_to_get_the_real_one(wanted, near):
    with pytest.raises(NameResolutionError) as caught:
        names.resolve(wanted)
    message = str(caught.value)
    assert message.startswith(f"cannot import {wanted!r}: the pylearn2 of pylearn2_jobman has no")
    assert f"the nearest that it has: {near}, " in message
    assert "`jobman vocabulary` prints all" in message
    assert "PYLEARN2_BACKEND=theano" in message
    assert "git clone" in message


def test_commands_print_it():
    printed = CliRunner().invoke(jobman, ["vocabulary", "kib"], standalone_mode=False)
    assert isinstance(printed.exception, UsageError)
    printed = CliRunner().invoke(jobman, ["vocabulary", "softmax"]).output
    assert "pylearn2.models.mlp\n  Softmax(n_classes, layer_name, " in printed
    whole = CliRunner().invoke(train.main, ["--list"])
    assert whole.exit_code == 0
    assert whole.output == vocabulary.text()
