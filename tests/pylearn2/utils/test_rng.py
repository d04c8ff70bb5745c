"""Generators come from a seed, a default, or someone else."""

import numpy as np

from pylearn2_jobman.pylearn2.utils.rng import make_np_rng


def test_a_seed_wins_over_the_default():
    assert make_np_rng(1, 2).rand() == np.random.RandomState(1).rand()


def test_without_a_seed_the_default_is_used():
    assert make_np_rng(None, [1, 2]).rand() == np.random.RandomState([1, 2]).rand()
    assert make_np_rng().rand() == np.random.RandomState(42).rand()


def test_zero_is_a_seed():
    assert make_np_rng(0, 1).rand() == np.random.RandomState(0).rand()


def test_a_generator_is_shared_and_not_copied():
    rng = np.random.RandomState(0)
    assert make_np_rng(rng, 1) is rng
