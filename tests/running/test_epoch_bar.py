"""An epoch has a bar on a terminal, and the log stands above it."""

import logging

import pytest
from rich.console import Console
from trainings import FAMILIES

from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.running.epoch_bar import EpochProgress


@pytest.fixture(autouse=True)
def _logging_as_it_was():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_an_epoch_has_a_bar_and_the_log_stands_above_it():
    console = Console(force_terminal=True, width=80)
    train_obj = yaml_parse.load(FAMILIES["dropout"])
    logging.basicConfig(level=logging.INFO, format="%(message)s", force=True)
    with console.capture() as capture, EpochProgress(train_obj, console):
        train_obj.main_loop()
    shown = capture.get()
    assert "Time this epoch" in shown
    assert "epoch 5" in shown
    assert not logging.getLogger().handlers[0].stream.__class__.__name__.startswith("_Above")
