"""Signals and times, turned into flags."""

import math
import os
import signal

import pytest

from pylearn2_jobman.jobman.worker.control import Control


@pytest.fixture
def clock(monkeypatch):
    """Let a test set the time."""
    now = [100.0]
    monkeypatch.setattr("pylearn2_jobman.jobman.worker.control.time.monotonic", lambda: now[0])
    return now


def flags(control):
    control.poll()
    return control.stop.is_set(), control.kill.is_set(), control.drain.is_set()


def send(number):
    os.kill(os.getpid(), number)


def test_the_first_signal_stops_and_the_second_kills(clock):
    control = Control(grace_seconds=60)
    with control.signals():
        assert flags(control) == (False, False, False)
        send(signal.SIGTERM)
        assert flags(control) == (True, False, False)
        assert (control.signal, control.reason) == (signal.SIGTERM, "the worker got SIGTERM")
        send(signal.SIGINT)
        assert flags(control) == (True, True, False)
        assert control.signal is signal.SIGTERM


def test_the_grace_period_ends(clock):
    control = Control(grace_seconds=60)
    with control.signals():
        send(signal.SIGTERM)
        assert flags(control) == (True, False, False)
        clock[0] += 60
        assert flags(control) == (True, True, False)


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
def test_user_signals_let_the_present_jobs_finish(number):
    control = Control(grace_seconds=60)
    with control.signals():
        send(number)
        assert flags(control) == (False, False, True)
        assert control.ending


def test_the_time_limit_stops_without_a_signal(clock):
    control = Control(grace_seconds=60, time_limit_seconds=10)
    clock[0] += 9
    assert flags(control) == (False, False, False)
    clock[0] += 1
    assert flags(control) == (True, False, False)
    assert control.signal is None
    assert "time limit" in control.reason


def test_a_batch_systems_warning_stops_the_jobs_and_may_be_repeated(clock):
    control = Control(grace_seconds=60, stop_signal=signal.SIGUSR1)
    with control.signals():
        send(signal.SIGUSR1)
        assert flags(control) == (True, False, False)
        assert (control.signal, control.reason) == (signal.SIGUSR1, "the worker got SIGUSR1")
        send(signal.SIGUSR1)
        assert flags(control) == (True, False, False)
        send(signal.SIGUSR2)
        assert flags(control) == (True, False, True)
        send(signal.SIGTERM)
        assert flags(control) == (True, True, True)


def test_the_time_left_is_the_least_of_all_limits(clock, monkeypatch):
    monkeypatch.setattr("pylearn2_jobman.jobman.worker.control.time.time", lambda: 1000.0)
    assert Control(grace_seconds=60).seconds_left() == math.inf
    assert Control(grace_seconds=60, ends_at=1030.0).seconds_left() == 30
    control = Control(grace_seconds=60, time_limit_seconds=20, ends_at=1030.0)
    clock[0] += 5
    assert control.seconds_left() == 15
    monkeypatch.setattr("pylearn2_jobman.jobman.worker.control.time.time", lambda: 9999.0)
    assert control.seconds_left() == 15  # the clock was set


def test_the_handlers_before_come_back():
    before = signal.getsignal(signal.SIGTERM)
    with Control(grace_seconds=60).signals():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
