"""Training gives the numbers that the real pylearn2 gave."""

import re
from pathlib import Path

import numpy as np
import pytest

from pylearn2_jobman.errors import OldNameWarning
from pylearn2_jobman.pylearn2.config.phases import Phases

YAML_FILES = Path(__file__).parents[1] / "data" / "pylearn2" / "cases"

CASES = [
    "01_softmax_regression",
    "02_mlp_sigmoid",
    "03_mlp_relu",
    "04_mlp_tanh",
    "05_autoencoder_mse",
    "06_contractive",
    "07_denoising",
    "08_hcae",
    "09_dropout",
    "10_maxout",
    "11_convnet",
    "13_adadelta",
    "13_rmsprop",
    "14_iter_batches_per_iter",
    "14_iter_batchwise_shuffled_sequential",
    "14_iter_even_sequential",
    "14_iter_random_uniform",
    "14_iter_sequential",
    "15_grbm_smd",
    "16_rbm_cd",
    "17_1_dae_l1",
    "17_2_dae_l2",
    "17_3_dae_mlp",
    "18_linear_mse",
    "18d_sigmoid_output",
    "18e_sigmoid_output_onehot",
    "18j_softmax_nonredundant",
    "19_uneven_batch",
    "20_binary_target",
    "22_no_monitor",
    "23_monitoring_costs",
    "24_polyak",
    "float32_02_mlp_sigmoid",
    "float32_03_mlp_relu",
]


@pytest.fixture(params=CASES)
def run(request, rerun):
    run = rerun(request.param)
    run.case = request.param
    run.tolerance = 1e-4 if request.param.startswith("float32") else 1e-8
    return run


def assert_equal_within(tolerance, ours, theirs):
    """Compare arrays by name, each against its own largest number."""
    assert list(ours) == list(theirs) or set(ours) == set(theirs)
    for name, expected in theirs.items():
        scale = np.abs(expected).max() or 1
        np.testing.assert_allclose(
            ours[name], expected, rtol=tolerance, atol=tolerance * scale, err_msg=name
        )


def test_initial_parameters_are_the_same(run):
    # Those that are not drawn but were trained before agree as trained ones do.
    trained = "17_3" in run.case
    drawn = 1e-7 if run.tolerance > 1e-8 else 0
    assert_equal_within(run.tolerance if trained else drawn, run.initial, run.of("init"))


def test_batches_are_the_same_examples_in_the_same_order(run):
    np.testing.assert_array_equal([len(b) for b in run.batches], run.expected["batches/sizes"])
    np.testing.assert_array_equal(np.concatenate(run.batches), run.expected["batches/indices"])


def test_every_channel_has_the_same_values(run):
    channels = run.train_obj.model.monitor.channels
    ours = {name: c.val_record for name, c in channels.items() if "_seconds_" not in name}
    assert_equal_within(run.tolerance, ours, run.of("channel"))


def test_records_say_what_was_seen_by_then(run):
    for channel in run.train_obj.model.monitor.channels.values():
        assert channel.epoch_record == run.expected["epoch_record"].tolist()
        assert channel.batch_record == run.expected["batch_record"].tolist()
        assert channel.example_record == run.expected["example_record"].tolist()
        assert len(channel.time_record) == len(channel.val_record)


def test_final_parameters_are_the_same(run):
    assert_equal_within(run.tolerance, run.params(), run.of("final"))


def test_line_searches_take_the_same_steps_until_chaos_sets_in(rerun):
    # A difference in the last digit, which another order of summation makes, grows
    # five-thousandfold in an epoch.
    run = rerun("12_bgd")
    channels = run.train_obj.model.monitor.channels
    expected = run.of("channel")
    assert set(expected) == {name for name in channels if "_seconds_" not in name}
    for name, values in expected.items():
        ours = channels[name].val_record
        np.testing.assert_allclose(ours[:3], values[:3], rtol=1e-8, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(ours[3], values[3], rtol=1e-5, atol=1e-9, err_msg=name)


# What the real program could not run.


def test_a_class_by_its_old_name_gives_the_same_numbers(rerun):
    with pytest.warns(OldNameWarning, match=r"now called pylearn2\.models\.autoencoder"):
        run = rerun("06c_contractive_old_path")
    assert_equal_within(1e-8, run.params(), rerun("06_contractive").of("final"))


def test_the_matrix_in_a_npy_file_is_trained_on(rerun):
    run = rerun("06b_contractive_npydataset")
    assert_equal_within(0, run.initial, run.of("init"))
    objective = run.train_obj.model.monitor.channels["objective"].val_record
    assert len(objective) == 6
    assert objective == sorted(objective, reverse=True)


def test_an_rbm_trains_itself(begin, monkeypatch):
    run = begin("16d_rbm_default_alg", monkeypatch)
    assert_equal_within(0, run.initial, run.of("init"))
    run.train_obj.algorithm.batches_per_iter = 30
    run.train_obj.main_loop()
    error = run.train_obj.model.monitor.channels["reconstruction_error"]
    assert error.batch_record == [0, 30, 60, 90, 120, 150]
    assert error.val_record == sorted(error.val_record, reverse=True)


def test_a_stacked_autoencoder_is_one_document_of_three_phases(
    rerun, golden_data, monkeypatch, tmp_path
):
    monkeypatch.setenv("GOLDEN_DATA", str(golden_data))
    monkeypatch.setenv("GOLDEN_CASES", str(tmp_path))
    monkeypatch.setenv("PYLEARN2_FLOATX", "float64")
    text = ""
    for case in ("17_1_dae_l1", "17_2_dae_l2", "17_3_dae_mlp"):
        phase = (YAML_FILES / case / "case.yaml").read_text()
        text += "- " + re.sub(r"([&*])train", rf"\1of_{case}", phase)  # an anchor stands once
    for phase in Phases(text):
        phase.main_loop()
    ours, expected = phase.model.get_param_values(), rerun("17_3_dae_mlp").of("final")
    assert_equal_within(1e-8, dict(zip(expected, ours, strict=True)), expected)
