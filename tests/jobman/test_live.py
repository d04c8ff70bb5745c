import json
import math
from itertools import pairwise
from typing import Any

import pytest

from pylearn2_jobman.jobman.live import Live, Thinned

LONG = "a channel with a name of eighty characters, so that few of its kind find room, no "


def thinned(count: int, *channels: str) -> Thinned:
    records = Thinned()
    records.add(
        {"epoch": i, "batch": 100 * i} | dict.fromkeys(channels, i / 7) for i in range(count)
    )
    return records


def test_a_row_says_what_it_was_made_of() -> None:
    records = thinned(3, "nll").columns()
    live = Live(since=1e9, records=records, output="über\n", message="soon", memory=2**33)
    again = Live.parse(live.text())
    assert (again.since, again.output, again.message, again.memory) == (
        1e9,
        "über\n",
        "soon",
        2**33,
    )
    assert again.curve("nll") == [(0, 0), (1, 0.142857), (2, 0.285714)]
    assert (again.over, again.epoch, again.step, again.latest()) == (
        "epoch",
        2,
        200,
        {"nll": 0.285714},
    )


def test_without_epochs_the_batches_are_the_steps() -> None:
    records = Thinned()
    records.add([{"batch": 1, "loss": 3.0}, {"batch": 2}, {"batch": 3, "loss": math.inf}])
    live = Live.parse(Live(records=records.columns()).text())
    assert (live.over, live.epoch, live.step) == ("batch", None, 3)
    assert live.curve("loss") == [(1, 3), (3, math.inf)]
    assert live.curve("nothing") == []


@pytest.mark.parametrize("count", [1, 2, 511, 512, 513, 1024, 5000, 40_001])
def test_a_curve_is_every_second_fourth_eighth_record_and_the_last(count: int) -> None:
    live = Live.parse(Live(records=thinned(count, "nll").columns()).text())
    steps = [step for step, _ in live.curve("nll")]
    assert steps[0] == 0
    assert steps[-1] == count - 1
    gaps = {after - before for before, after in pairwise(steps[:-1])}
    assert len(gaps) <= 1
    assert all(gap.is_integer() and int(gap).bit_count() == 1 for gap in gaps)
    assert len(steps) >= min(count, 32)


@pytest.mark.parametrize(
    "live",
    [
        Live(records=thinned(10_000, *(f"channel {i}" for i in range(300))).columns()),
        Live(records=thinned(40, *(f"{LONG * 20}{i}" for i in range(12))).columns()),
        Live(records=thinned(99, LONG * 60).columns(), output="x\n" * 9999, message="y" * 9999),
        Live(output='"\\\0\x1b' * 5000, message="🎲" * 5000),
    ],
    ids=["many channels", "long names", "one longer than the row", "text that JSON writes longer"],
)
def test_a_row_has_at_most_four_kilobytes(live: Live) -> None:
    text = live.text()
    assert len(text.encode()) <= 4096
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert live.output.endswith(Live.parse(text).output)


def test_the_named_channels_come_first_then_those_of_held_out_data() -> None:
    names = [f"train_{i}_{LONG}" for i in range(20)] + ["valid_nll", "weights_norm"]
    live = Live.parse(Live(records=thinned(500, *names).columns()).text(named=["weights_norm"]))
    assert {"valid_nll", "weights_norm"} <= set(live.channels)
    assert len(live.channels) < len(names)


@pytest.mark.parametrize(
    "text",
    [
        *(None, 3, b"{}", "", "[]", "nonsense", "[" * 100_000, "9" * 5000, '{"records": "x"}'),
        '{"since": "x", "memory": [], "message": {}, "output": 3, "records": [1]}',
        '{"since": 1e999, "memory": -1e999, "records": {"nll": "x"}}',
        '{"output": "' + "x" * 10**6 + '"}',
    ],
)
def test_of_a_row_that_anyone_wrote_nothing_is_taken_that_cannot_be_meant(text: Any) -> None:
    assert Live.parse(text) == Live()


def test_what_is_no_number_is_missing_and_a_column_of_another_length_is_left_out() -> None:
    text = '{"records": {"epoch": [1, 2], "nll": [true, 0.5], "short": [1], "big": [1, %s]}}'
    live = Live.parse(text % ("9" * 400))
    assert live.channels == ["nll", "big"]
    assert (live.curve("nll"), live.curve("big")) == ([(2, 0.5)], [(1, 1)])
