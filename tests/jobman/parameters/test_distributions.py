"""Random draws: the same anywhere, within their bounds, and written so that they read back."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.parameters.distributions import (
    Choice,
    LogUniform,
    Normal,
    RandInt,
    SciPyMeaningWarning,
    Uniform,
    parse_distribution,
)

numbers = st.floats(-1e6, 1e6)
bounds = st.lists(numbers, min_size=2, max_size=2, unique=True).map(sorted)
positive = st.lists(st.floats(1e-9, 1e9), min_size=2, max_size=2, unique=True).map(sorted)
values = st.none() | st.booleans() | st.integers() | numbers | st.text() | st.lists(numbers)
distributions = st.one_of(
    bounds.map(lambda pair: Uniform(*pair)),
    positive.map(lambda pair: LogUniform(*pair)),
    st.builds(Normal, numbers, st.floats(1e-9, 1e9)),
    st.builds(lambda low, span: RandInt(low, low + span), st.integers(-99, 99), st.integers(1, 99)),
    st.lists(values, min_size=1, max_size=4).map(tuple).map(Choice),
)


@given(distributions)
def test_a_distribution_is_written_so_that_it_reads_back(distribution):
    assert parse_distribution(str(distribution)) == distribution


@given(distributions, st.integers(), st.text(), st.integers(0, 10**6))
def test_a_draw_is_a_value_of_its_distribution_and_always_the_same(distribution, seed, key, number):
    value = distribution.draw(seed, key, number)
    assert value == distribution.draw(seed, key, number) or value != value
    match distribution:
        case Uniform(low, high) | LogUniform(low, high):
            assert low <= value <= high
        case RandInt(low, high):
            assert low <= value < high
        case Choice(values):
            assert value in values


def test_draws_are_the_same_on_every_platform_and_python():
    drawn = [
        parse_distribution(text).draw(7, "hyper_parameters.lr", number)
        for text in (
            "uniform(0, 2)", "loguniform(1e-4, 1)", "normal(1, 3)",
            "randint(0, 1000000000000000007)",
            "choice(a, b, c)",
        )
        for number in (0, 1)
    ]  # fmt: skip
    assert drawn == [
        *(1.9867307827975205, 1.124372499948537),
        *(0.9407225738272862, 0.017731480545672893),
        *(0.6143885832576084, 4.784373490073984),
        *(993365391398760242, 562186249974268419),
        *("c", "b"),
    ]


@pytest.mark.parametrize(
    ("text", "mean", "deviation"),
    [
        ("uniform(low=1, high=3)", 2, 3**-0.5),
        ("normal(5, 2)", 5, 2),
        ("randint(0, 3)", 1, (2 / 3) ** 0.5),
        ("choice([0, 10])", 5, 5),
    ],
)
def test_draws_are_distributed_as_they_should_be(text, mean, deviation):
    distribution = parse_distribution(text)
    drawn = [distribution.draw(3, "key", number) for number in range(2000)]
    assert statistics.mean(drawn) == pytest.approx(mean, abs=4 * deviation / 2000**0.5)
    assert statistics.pstdev(drawn) == pytest.approx(deviation, rel=0.1)


def test_half_of_loguniform_lies_below_the_geometric_mean():
    drawn = [LogUniform(1e-4, 1).draw(3, "key", number) for number in range(2000)]
    assert sum(value < 1e-2 for value in drawn) == pytest.approx(1000, abs=90)


@pytest.mark.parametrize(
    ("text", "distribution"),
    [
        ("loguniform(1e-4, 1)", LogUniform(1e-4, 1.0)),
        (" loguniform ( b=1, a=1e-4, ) ", LogUniform(1e-4, 1.0)),
        ("uniform()", Uniform(0.0, 1.0)),
        ("uniform(0, 0.5)", Uniform(0.0, 0.5)),
        ("uniform(loc=0.1, scale=0.2)", Uniform(0.1, 0.3)),
        ("uniform(low=0.5, high=0.9)", Uniform(0.5, 0.9)),
        ("normal()", Normal(0.0, 1.0)),
        ("randint(1, 1e3)", RandInt(1, 1000)),
        ("choice(tanh, 'a,b', [1, 2], None)", Choice(("tanh", "a,b", [1, 2], None))),
        ("choice([tanh, sigmoid])", Choice(("tanh", "sigmoid"))),
        ("choice([0.1, 1])", Choice((0.1, 1))),
        ("choice([0.1])", Choice((0.1,))),
    ],
)
def test_distributions_as_people_write_them(text, distribution):
    assert parse_distribution(text) == distribution


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("logunifrom(1, 2)", r"no distribution 'logunifrom\(1, 2\)'; did you mean 'loguniform'"),
        ("0.1", r"there are uniform\(loc, scale\), loguniform"),
        ("uniform", r"'uniform' is to be uniform\(loc, scale\)"),
        ("loguniform(1)", r"is not loguniform\(a, b\): b missing"),
        ("loguniform(0, 1)", "0 < a < b is to hold"),
        ("loguniform(1, 2, 3)", "2 arguments at most"),
        ("loguniform(1, base=2)", "the argument 'base' is none of a, b"),
        ("loguniform(1, a=2)", "the argument 'a' is given twice"),
        ("loguniform(x, 1)", "a is to be a number, not 'x'"),
        ("uniform(0, -1)", "low < high"),
        ("randint(0, inf)", "both are whole numbers"),
        (f"normal(0, {10**400})", "too large"),
        ("normal(0, inf)", "its numbers are finite"),
        ("randint(1.5, 2)", "both are whole numbers"),
        ("randint(3, 3)", "high itself is never drawn"),
        ("choice()", "nothing to choose from"),
        ("choice(a,,b)", "a value is empty"),
        ("choice([a, b], p=[0.1, 0.9])", "no argument 'p'"),
    ],
)
def test_what_is_wrong_with_a_distribution_is_said(text, message):
    with pytest.raises(UsageError, match=message):
        parse_distribution(text)


def test_uniform_says_where_it_ends_if_that_is_perhaps_not_meant():
    with pytest.warns(SciPyMeaningWarning, match=r"0\.5 to 1\.4.*uniform\(low=0\.5, high=0\.9\)"):
        assert parse_distribution("uniform(0.5, 0.9)") == Uniform(0.5, 1.4)
