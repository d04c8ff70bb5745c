"""The MRG31k3p streams give the numbers that Theano's gave, and belong to expressions."""

from pathlib import Path

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.utils.rng import MRGStreams, RandomCallRecord, stream_for_call

DATA = Path(__file__).parents[2] / "data" / "pylearn2"
DTYPES = {"float32": torch.float32, "float64": torch.float64}
SHAPE = (5, 7)


@pytest.fixture(params=sorted(DTYPES))
def recorded(request):
    """Draws of Theano 0.8.2, by seed, random call and evaluation; and their type."""
    return dict(np.load(DATA / f"mrg_{request.param}.npz")), DTYPES[request.param]


@pytest.mark.parametrize("seed", [1, 42, 777, 12345])
def test_the_numbers_are_those_of_theano(recorded, seed):
    expected, dtype = recorded
    rng = MRGStreams(seed)
    uniform, binomial, normal = rng.streams(SHAPE), rng.streams(SHAPE), rng.streams((36,))
    for evaluation in (0, 1):
        draws = {
            "uniform": uniform.uniform(SHAPE, dtype),
            "binomial": (binomial.uniform(SHAPE, dtype) < 0.7).to(dtype),
            "normal": 0.4 * normal.normal(SHAPE, dtype),  # of an even number of uniform ones
        }
        for kind, draw in draws.items():
            theirs = expected[f"seed{seed}/{kind}/{evaluation}"]
            if kind == "normal":
                np.testing.assert_allclose(draw, theirs, rtol=1e-5, atol=1e-6)
            else:
                np.testing.assert_array_equal(draw, theirs)


def test_a_call_of_any_shape_has_its_streams():
    assert MRGStreams(1).streams().states.shape == (6, 15360)
    assert MRGStreams(1).streams((5,)).states.shape == (6, 5)
    assert MRGStreams(1).streams((100, 64)).states.shape == (6, 1066)


def test_normal_numbers_are_normal():
    numbers = MRGStreams(1).streams().normal((1001, 33), torch.float64)
    assert numbers.shape == (1001, 33)
    assert numbers.mean().item() == pytest.approx(0, abs=0.02)
    assert numbers.std().item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("seed", [0, 2147462579])
def test_a_seed_that_would_stand_still_is_refused(seed):
    with pytest.raises(ValueError, match="must be 1 to 2147462578"):
        MRGStreams(seed)


def draw(rng):
    return rng.uniform(torch.empty(4)).tolist()


def test_a_random_call_of_an_expression_goes_on_from_batch_to_batch():
    rng, tape = MRGStreams(1), RandomCallRecord()
    with tape.evaluation():
        first = draw(rng), draw(rng)
    with tape.evaluation():
        second = draw(rng), draw(rng)
    streams = MRGStreams(1)
    one, two = streams.streams(), streams.streams()
    for call, ours in ((one, (first[0], second[0])), (two, (first[1], second[1]))):
        assert [call.uniform((4,), torch.float32).tolist() for _ in range(2)] == list(ours)


def test_expressions_do_not_disturb_each_other():
    rng, first, second = MRGStreams(1), RandomCallRecord(), RandomCallRecord()
    with first.evaluation():
        draw(rng)
    with second.evaluation():
        draw(rng)
    with first.evaluation():
        again = draw(rng)
    streams = MRGStreams(1).streams()
    streams.uniform((4,), torch.float32)
    assert again == streams.uniform((4,), torch.float32).tolist()


def test_dealing_out_streams_draws_nothing():
    rng, tape = MRGStreams(1), RandomCallRecord()
    with tape.evaluation(drawing=False):
        assert draw(rng) == [0.5] * 4
    with tape.evaluation():
        assert draw(rng) == MRGStreams(1).streams().uniform((4,), torch.float32).tolist()


def test_outside_of_an_expression_everything_is_made_anew():
    made = iter(range(5))
    assert [stream_for_call(lambda: next(made)) for _ in range(2)] == [0, 1]


def test_a_call_takes_shape_and_type_from_a_tensor():
    like = torch.empty(3, 4, dtype=torch.float64)
    rng = MRGStreams(1)
    for drawn in (rng.uniform(like), rng.normal(like), rng.binomial(like, torch.full((4,), 0.5))):
        assert drawn.shape == like.shape
        assert drawn.dtype == like.dtype


@pytest.mark.parametrize(
    ("later", "message"),
    [
        (lambda rng: draw(rng), r"call 2 .* was normal numbers, .*\(3,\); now there is the end"),
        (
            lambda rng: rng.normal(torch.empty(4, 3)),
            "call 1 of an expression was uniform numbers, .* now there is normal numbers",
        ),
        (
            lambda rng: rng.uniform(torch.empty(4, 5)),
            r"was uniform numbers, for each example \(\); now there is uniform numbers, .* \(5,\)",
        ),
        (
            lambda rng: (draw(rng), rng.normal(torch.empty(2, 3)), draw(rng)),
            "call 3 of an expression was the end; now there is uniform numbers",
        ),
    ],
)
def test_a_random_call_that_is_left_out_or_put_in_later_is_an_error(later, message):
    rng, tape = MRGStreams(1), RandomCallRecord()
    with tape.evaluation():
        draw(rng)
        rng.normal(torch.empty(4, 3))
    with pytest.raises(RuntimeError, match=message), tape.evaluation():
        later(rng)


def test_an_error_in_an_expression_is_not_hidden_by_the_calls_it_left_out():
    rng, tape = MRGStreams(1), RandomCallRecord()
    with tape.evaluation():
        draw(rng)
    with pytest.raises(ZeroDivisionError), tape.evaluation():
        1 / 0
