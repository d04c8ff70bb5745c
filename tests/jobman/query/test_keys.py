"""Which keys tell jobs apart."""

import pandas

from pylearn2_jobman.jobman.query.keys import is_hyper_parameter, is_parameter, varying_keys

COLUMNS = {
    "hyper_parameters.lr": [0.1, 0.2, 0.1],
    "hyper_parameters.nhid": [50, 50, 50],
    "seed": [1, None, 1],
    "flag": [1, True, 1],
    "jobman.run_time": [1.0, 2.0, 3.0],
    "results.nll": [0.3, 0.2, 0.1],
}


def test_keys_vary_in_which_jobs_differ_in_value_or_type_or_in_having_one() -> None:
    assert varying_keys(COLUMNS) == [
        "hyper_parameters.lr", "seed", "flag", "jobman.run_time", "results.nll",
    ]  # fmt: skip


def test_the_inputs_of_an_experiment_are_neither_results_nor_jobmans_own() -> None:
    assert varying_keys(COLUMNS, is_parameter) == ["hyper_parameters.lr", "seed", "flag"]
    assert varying_keys(COLUMNS, is_hyper_parameter) == ["hyper_parameters.lr"]


def test_the_columns_of_a_data_frame_do_too() -> None:
    frame = pandas.DataFrame({"lr": [0.1, 0.2], "nhid": [5, 5], "act": ["a", None]})
    assert varying_keys(frame) == ["lr", "act"]


def test_one_job_does_not_differ() -> None:
    assert varying_keys({"lr": [0.1]}) == varying_keys({"lr": []}) == []
