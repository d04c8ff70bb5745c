"""The web page, looked at with a real Chromium."""

import contextlib
import math
import re
import signal

import pytest
from browser import chromium, served
from playwright.sync_api import expect

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.status import Status

TEMPLATE = """!obj:pylearn2.train.Train {
    # %(note)s
    model: !obj:pylearn2.models.mlp.MLP { nvis: 64, dim: %(nhid)d },
    algorithm: !obj:pylearn2.training_algorithms.sgd.SGD { learning_rate: %(lr)f }
}
"""
EVIL = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1> %{x} $\\alpha$"
WAIT = 60_000  # milliseconds, for a machine that has other things to do
