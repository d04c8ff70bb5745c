"""What signals and the clock ask of a training outside jobman."""

import os
import signal
import subprocess
import sys
import time

import pytest

from pylearn2_jobman.running import requests
from pylearn2_jobman.running.requests import Requests


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR2, signal.SIGINT])
def test_a_signal_asks_to_stop(number):
    asked = Requests(save_every_seconds=1000)
    with asked.signals():
        assert asked.switch() is None
        os.kill(os.getpid(), number)
        assert asked.switch("epoch 3") == "stop"
    assert asked.signal is number


def test_a_second_ctrl_c_does_not_wait():
    asked = Requests(save_every_seconds=1000)
    with asked.signals():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_a_second_sigterm_ends_the_process():
    code = (
        "import os, signal\n"
        "from pylearn2_jobman.running.requests import Requests\n"
        "with Requests(1000).signals():\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    print('goes on', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    print('never')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "goes on\n")


def test_signals_are_as_before_afterwards():
    before = signal.getsignal(signal.SIGTERM)
    with Requests(1000).signals():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_what_is_forked_has_the_handlers_from_before():
    before = signal.getsignal(signal.SIGTERM)
    with Requests(1000).signals():
        with Requests(1000).signals():
            assert forked_handler() == before
        assert forked_handler() == before
    assert forked_handler() == before


def forked_handler():
    """Return what handles SIGTERM in a forked process, if it is this test's."""
    handlers = [signal.getsignal(signal.SIGTERM), signal.SIG_DFL]
    child = os.fork()
    if child == 0:
        os._exit(handlers.index(signal.getsignal(signal.SIGTERM)))
    return handlers[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]


def test_saving_is_asked_for_now_and_then(monkeypatch):
    now = time.monotonic()
    monkeypatch.setattr(requests.time, "monotonic", lambda: now)
    asked = Requests(save_every_seconds=10)
    answers = []
    for _ in range(25):
        now += 1
        answers.append(asked.switch())
    assert [i for i, answer in enumerate(answers, 1) if answer == "save"] == [10, 20]


def test_saving_every_0_seconds_is_never(monkeypatch):
    asked = Requests(save_every_seconds=0)
    assert asked.switch() is None
