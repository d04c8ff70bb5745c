"""The iteration modes visit what they say, in the order they say."""

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.utils.iteration import (
    MODES,
    has_uniform_batch_size,
    is_stochastic,
    resolve_iterator_class,
)


def visit(mode, size, batch_size=None, num_batches=None, seed=0):
    subsets = resolve_iterator_class(mode)(size, batch_size, num_batches, seed)
    return [np.arange(size)[subset].tolist() for subset in subsets]


def test_sequential_ends_with_a_smaller_batch():
    assert visit("sequential", 7, 3) == [[0, 1, 2], [3, 4, 5], [6]]


def test_sequential_divides_the_whole_dataset_into_a_number_of_batches():
    assert visit("sequential", 7, num_batches=2) == [[0, 1, 2, 3], [4, 5, 6]]


def test_more_parts_than_fit_are_as_many_as_fit():
    assert visit("sequential", 10, num_batches=6) == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]


def test_even_parts_leave_the_rest_out():
    assert visit("even_sequential", 7, num_batches=2) == [[0, 1, 2], [3, 4, 5]]


def test_a_dataset_without_one_whole_batch_is_refused():
    with pytest.raises(ValueError, match=r"whole batches of 8 .* 7 examples has 0"):
        visit("even_sequential", 7, 8)


def test_sequential_stops_after_a_number_of_batches():
    assert visit("sequential", 7, 2, 2) == [[0, 1], [2, 3]]


def test_even_sequential_leaves_the_smaller_batch_out():
    assert visit("even_sequential", 7, 3) == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("mode", ["shuffled_sequential", "batchwise_shuffled_sequential"])
def test_shuffled_modes_visit_every_example_once(mode):
    batches = visit(mode, 23, 5)
    assert sorted(np.concatenate(batches)) == list(range(23))
    assert batches != visit("sequential", 23, 5)


def test_batchwise_shuffling_keeps_neighbours_together():
    batches = visit("batchwise_shuffled_sequential", 23, 5)
    assert sorted(batches) == visit("sequential", 23, 5)


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode.startswith("even_")])
def test_even_modes_have_batches_of_one_size(mode):
    assert {len(batch) for batch in visit(mode, 23, 5)} == {5}
    assert has_uniform_batch_size(mode)


def test_random_uniform_draws_with_replacement():
    batches = visit("random_uniform", 4, 6, 2)
    assert [len(batch) for batch in batches] == [6, 6]
    assert set(np.concatenate(batches)) <= set(range(4))


def test_random_slice_draws_runs_of_neighbours():
    for batch in visit("random_slice", 10, 4, 20):
        assert batch == list(range(batch[0], batch[0] + 4))


@pytest.mark.parametrize("mode", [mode for mode in MODES if is_stochastic(mode)])
def test_the_same_seed_gives_the_same_batches(mode):
    assert visit(mode, 50, 5, 4, seed=3) == visit(mode, 50, 5, 4, seed=3)


@pytest.mark.parametrize("mode", ["random_uniform", "random_slice"])
def test_modes_that_draw_each_batch_need_both_sizes(mode):
    with pytest.raises(ValueError, match="needs both batch_size and the number of batches"):
        visit(mode, 10, num_batches=2)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((None, None), "give batch_size, num_batches or both"),
        ((3, 4), "4 batches of 3 .* 7 examples has 3"),
        ((0, None), "batch_size is 0"),
        ((None, -1), "num_batches is -1"),
        ((2.0, None), "batch_size is 2.0; it must be a positive integer"),
    ],
)
def test_impossible_sizes_are_refused(sizes, message):
    with pytest.raises(ValueError, match=message):
        visit("sequential", 7, *sizes)


def test_a_slice_longer_than_the_dataset_is_refused():
    with pytest.raises(ValueError, match="more than the 3 examples"):
        visit("random_slice", 3, 4, 1)


def test_an_unknown_mode_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'sequential'"):
        resolve_iterator_class("sequentiel")


def test_a_mode_is_found_by_the_spelling_of_2013():
    assert (
        resolve_iterator_class("batchwise_shuffled_equential")
        is MODES["batchwise_shuffled_sequential"]
    )
