import json
import math
from itertools import pairwise
from typing import Any

import pytest

from pylearn2_jobman.jobman.live import Curves, Live

LONG = "a channel with a name of eighty characters, so that few of its kind find room, no "


def live_of(*records: dict[str, float], **facts: Any) -> Live:
    curves = Curves()
    for record in records:
        curves.add(record)
    return Live(at=curves.at, curves=curves.points(), **facts)


def epochs(count: int, *channels: str) -> list[dict[str, float]]:
    return [{"epoch": i, "batch": 100 * i} | dict.fromkeys(channels, i / 7) for i in range(count)]


def again(live: Live) -> Live:
    return Live.parse(live.text())


def test_a_row_says_what_it_was_made_of() -> None:
    live = again(
        live_of(*epochs(3, "nll"), since=1e9, output="über\n", message="soon", memory=2**33)
    )
    assert (live.since, live.output, live.message, live.memory) == (1e9, "über\n", "soon", 2**33)
    assert live.curves == {"nll": [(0, 0), (1, 0.142857), (2, 0.285714)]}
    assert (live.over, live.at, live.latest()) == (
        "epoch",
        {"epoch": 2, "batch": 200},
        {"nll": 0.285714},
    )
    assert live.describe() == "epoch 2, nll 0.2857"


def test_without_epochs_the_batches_are_the_steps() -> None:
    live = again(live_of({"batch": 1, "loss": 3.0}, {"batch": 2}, {"batch": 3, "loss": math.inf}))
    assert (live.over, live.at) == ("batch", {"batch": 3})
    assert live.curves == {"loss": [(1, 3), (3, math.inf)]}


def test_what_is_reported_apart_is_drawn_over_the_same_steps() -> None:
    apart = [{"epoch": i // 2, ("train", "valid")[i % 2]: float(i)} for i in range(5000)]
    live = again(live_of(*apart))
    train, valid = ([step for step, _ in live.curves[name]] for name in ("train", "valid"))
    assert train == valid
    assert live.latest() == {"train": 4998, "valid": 4999}


def test_a_step_has_the_last_value_of_its_epoch() -> None:
    live = live_of(*({"epoch": i // 300, "batch": i, "loss": float(i)} for i in range(1500)))
    assert live.curves == {"loss": [(0, 299), (1, 599), (2, 899), (3, 1199), (4, 1499)]}


def test_a_record_that_tells_no_epoch_is_of_the_last_one_told() -> None:
    live = live_of({"epoch": 7}, {"batch": 3, "loss": 1.0})
    assert live.curves == {"loss": [(7, 1)]}


def test_not_a_number_is_a_value_too() -> None:
    ((step, value),) = again(live_of({"epoch": 1, "loss": math.nan})).curves["loss"]
    assert step == 1
    assert math.isnan(value)


@pytest.mark.parametrize("count", [1, 2, 256, 257, 258, 1024, 5000, 40_001])
def test_a_curve_is_every_second_fourth_eighth_record_and_the_last(count: int) -> None:
    steps = [step for step, _ in again(live_of(*epochs(count, "nll"))).curves["nll"]]
    assert (steps[0], steps[-1]) == (0, count - 1)
    gaps = {after - before for before, after in pairwise(steps[:-1])}
    assert len(gaps) <= 1
    assert all(gap.is_integer() and int(gap).bit_count() == 1 for gap in gaps)
    assert len(steps) >= min(count, 64)


@pytest.mark.parametrize(
    "live",
    [
        live_of(*epochs(10_000, *(f"channel {i}" for i in range(50)))),
        live_of(*epochs(40, *(f"{LONG * 20}{i}" for i in range(12)))),
        live_of(*epochs(99, LONG * 60), output="x\n" * 9999, message="y" * 9999),
        Live(output='"\\\0\x1b' * 5000, message="🎲" * 5000),
        Live(message="the file caf\udce9.npy"),
    ],
    ids=[
        *("many channels", "long names", "one longer than the row"),
        *("text that JSON writes longer", "a name that is no UTF-8"),
    ],
)
def test_a_row_has_at_most_four_kilobytes(live: Live) -> None:
    text = live.text()
    assert len(text.encode()) <= 4096
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert live.output.endswith(Live.parse(text).output)


def test_the_named_channels_come_first_then_losses_on_held_out_data() -> None:
    names = [f"valid_{i}_{LONG}" for i in range(20)] + ["test_nll", "valid_nll", "weights_norm"]
    live = Live.parse(live_of(*epochs(500, *names)).text(named=["weights_norm"]))
    assert list(live.curves)[:3] == ["weights_norm", "valid_nll", "test_nll"]
    assert len(live.curves) < len(names)


def test_a_place_that_is_no_number_is_not_one() -> None:
    live = again(live_of({"epoch": 1, "a": 1}, {"epoch": math.nan, "batch": math.inf, "a": 2}))
    assert (live.at, live.curves) == ({"epoch": 1}, {"a": [(1, 2)]})


def test_the_curves_are_records_as_a_file_has_them() -> None:
    live = live_of({"epoch": 1, "a": 0.5}, {"epoch": 2, "b": 0.25})
    columns = live.records()
    assert list(columns) == ["epoch", "batch", "example", "seconds", "a", "b"]
    assert columns["epoch"] == [1, 2]
    assert (columns["a"][0], columns["b"][1]) == (0.5, 0.25)
    assert all(map(math.isnan, (columns["a"][1], columns["b"][0], *columns["batch"])))
    assert Live().records() == {}


@pytest.mark.parametrize(
    "text",
    [
        *(None, 3, b"{}", "", "[]", "nonsense", "[" * 100_000, "9" * 5000, '{"curves": "x"}'),
        '{"since": "x", "at": [], "memory": [], "message": {}, "output": 3, "curves": [1]}',
        '{"since": 1e999, "memory": -1e999, "at": {"epoch": "3", "batch": true, "x": 1}}',
        '{"curves": {"a": "x", "b": [1], "c": [1, 2], "d": [[], []], "e": [["x"], [1]]}}',
        '{"curves": {"big": [[%s], [1]]}}' % ("9" * 400),
        '{"curves": {"\\ud800": [[1], [2]], "a\\u001b": [[1], [2]], "epoch": [[1], [2]]}}',
        '{"output": "' + "x" * 10**6 + '"}',
    ],
)
def test_of_a_row_that_anyone_wrote_nothing_is_taken_that_cannot_be_meant(text: Any) -> None:
    assert Live.parse(text) == Live()


def test_what_is_no_text_is_spelt_out() -> None:
    live = Live.parse(r'{"output": "\ud800", "message": "caf\udce9"}')
    assert (live.output, live.message) == (r"\ud800", r"caf\udce9")
