"""Which channel or result is the main one."""

import pytest

from pylearn2_jobman.main_channel import importance, main_channel, main_channels

NAMES = {
    "valid_objective": ["train_objective", "valid_objective", "valid_y_misclass", "learning_rate"],
    "test_objective": ["train_objective", "test_objective", "y_nll"],
    "objective": ["learning_rate", "objective", "y_misclass", "y_nll"],
    "valid_y_misclass": ["train_y_nll", "valid_y_misclass"],
    "results.valid_nll": ["results.epoch", "results.valid_error", "results.valid_nll"],
    "results.nll_of_validation": ["results.latest_nll", "results.nll_of_validation"],
    "test_nll": ["invalid_nll", "latest_nll", "test_nll"],
    None: ["learning_rate", "valid_y_row_norms_max"],
}


@pytest.mark.parametrize("main", NAMES)
def test_the_main_channel_is_a_loss_on_held_out_data(main):
    assert main_channel(NAMES[main]) == main


def test_main_channels_are_of_different_losses():
    assert main_channels(["valid_a_nll", "valid_b_nll", "train_objective", "valid_error"], 3) == [
        "valid_a_nll", "valid_error", "train_objective",
    ]  # fmt: skip


def test_names_are_sorted_by_their_importance():
    names = ["epoch", "train_nll", "test_nll", "valid_epoch", "valid_error", "valid_nll"]
    assert sorted(names, key=importance) == [
        "valid_nll", "valid_error", "valid_epoch", "test_nll", "train_nll", "epoch",
    ]  # fmt: skip
