"""Random streams give the numbers of Theano's."""

from pathlib import Path

import numpy as np
import pytest
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams
from theano.tensor.shared_randomstreams import RandomStreams

DATA = Path(__file__).parents[1] / "data" / "pylearn2"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_mrg_streams_give_the_recorded_numbers(dtype):
    with np.load(DATA / f"mrg_{dtype}.npz") as recorded, theano.config.change_flags(floatX=dtype):
        draws, seeds = [], [1, 42, 777, 12345]
        for seed in seeds:
            rng = MRG_RandomStreams(seed)
            draws += [
                rng.uniform((5, 7)),
                rng.binomial((5, 7), p=0.7, dtype=dtype),
                rng.normal((5, 7), std=0.4),
            ]
        draw = theano.function([], draws)
        names = [
            f"seed{seed}/{kind}" for seed in seeds for kind in ("uniform", "binomial", "normal")
        ]
        for evaluation in (0, 1):
            for name, made in zip(names, draw(), strict=True):
                theirs = recorded[f"{name}/{evaluation}"]
                assert made.dtype == theirs.dtype, name
                tolerance = 1e-5 if "normal" in name else 0
                np.testing.assert_allclose(made, theirs, rtol=tolerance, atol=tolerance / 10)


def test_mrg_streams_of_any_shape_and_their_seeds():
    x, size = T.matrix(), T.lvector()
    rng, same = MRG_RandomStreams(5), MRG_RandomStreams([5] * 6)
    assert rng.rstate == same.rstate
    assert rng.n_streams((100, 64)) == 1066
    chosen = rng.multinomial(pvals=T.ones_like(x) / 4)
    draw = theano.function(
        [x, size], [rng.uniform(x.shape), same.uniform(x.shape), rng.normal(size, ndim=1), chosen]
    )
    first, second, normal, ones = draw(np.zeros((3, 4)), [5])
    np.testing.assert_array_equal(first, second * 0 + first)
    assert first.shape == (3, 4)
    assert normal.shape == (5,)
    assert ones.sum(1).tolist() == [1, 1, 1]
    assert len(rng.updates()) == 3
    for seed in (0, 2147462579, [1, 2, 3]):
        with pytest.raises(ValueError, match="seed of MRG streams"):
            MRG_RandomStreams(seed)


def test_the_other_streams_are_numpys():
    def generators(seed=3):
        seeds = np.random.RandomState(seed)
        while True:
            yield np.random.RandomState(int(seeds.randint(2**30)))

    rng, numpys = RandomStreams(3), generators()
    draw = theano.function(
        [],
        [
            rng.uniform((2, 3), -1, 1),
            rng.normal((3,), 1, 2),
            rng.binomial((4,), 3, 0.5),
            rng.permutation(n=5),
            rng.random_integers((4,), 0, 5),
            rng.multinomial((2,), 1, [0.2, 0.8]),
            rng.choice((4,), 3),
            rng.poisson((4,), 2.0),
        ],
    )
    uniform, normal, binomial, permutation, integers, multinomial, choice, poisson = (
        next(numpys) for _ in range(8)
    )
    for _ in range(2):  # the second time, each goes on; an odd number of normal ones too
        expected = [
            uniform.uniform(-1, 1, (2, 3)),
            normal.normal(1, 2, 3),
            binomial.binomial(3, 0.5, 4),
            permutation.permutation(5),
            integers.randint(0, 6, 4),
            multinomial.multinomial(1, [0.2, 0.8], 2),
            choice.choice(3, 4),
            poisson.poisson(2.0, 4),
        ]
        for made, theirs in zip(draw(), expected, strict=True):
            np.testing.assert_array_equal(made, theirs)
    rng.seed(3)
    np.testing.assert_array_equal(draw()[0], next(generators()).uniform(-1, 1, (2, 3)))
