"""Trying again while something is away."""

import threading

import pytest

from pylearn2_jobman.jobman.worker.retry import RetryPolicy, retrying


class Away:
    """An operation that fails a number of times."""

    def __init__(self, failures):
        self.failures = failures
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.failures:
            raise ConnectionError("away")
        return "there"


@pytest.fixture
def give_up(monkeypatch):
    """An event whose waits take no time and are remembered."""
    event = threading.Event()
    event.pauses = []
    monkeypatch.setattr(event, "wait", lambda seconds: event.pauses.append(seconds))
    return event


def test_success_at_once_says_nothing(give_up):
    notices = []
    policy = RetryPolicy(10, give_up, notices.append)
    assert retrying("asking", Away(0), ConnectionError, policy) == "there"
    assert notices == []


def test_it_tries_again_with_growing_jittered_pauses(give_up):
    notices = []
    policy = RetryPolicy(1000, give_up, notices.append)
    assert retrying("asking", Away(9), ConnectionError, policy) == "there"
    assert notices[0] == "asking failed, trying again: away"
    assert notices[1].startswith("asking worked after")
    for pause, nominal in zip(give_up.pauses, [0.5, 1, 2, 4, 8, 16, 32, 60, 60], strict=True):
        assert 0.5 * nominal <= pause <= 1.5 * nominal


def test_trying_again_ends(give_up):
    with pytest.raises(ConnectionError, match="away"):
        retrying(
            "asking", Away(10**6), ConnectionError, RetryPolicy(0.01, give_up, lambda text: None)
        )


def test_giving_up_leaves_one_more_try():
    event = threading.Event()
    event.set()
    operation = Away(10)
    with pytest.raises(ConnectionError):
        retrying("asking", operation, ConnectionError, RetryPolicy(1000, event, lambda text: None))
    assert operation.calls == 2


def test_other_errors_are_not_retried(give_up):
    with pytest.raises(ZeroDivisionError):
        retrying(
            "asking", lambda: 1 / 0, ConnectionError, RetryPolicy(10, give_up, lambda text: None)
        )
