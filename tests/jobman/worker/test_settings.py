"""What a worker's options may be."""

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.worker.settings import WorkerSettings


def test_the_heartbeat_is_a_tenth_of_the_lease_or_what_is_said():
    assert WorkerSettings(lease_seconds=300).heartbeat_seconds == 30
    assert WorkerSettings(lease_seconds=300, heartbeat_every_seconds=100).heartbeat_seconds == 100


@pytest.mark.parametrize("seconds", [0, -1, 151])
def test_a_heartbeat_that_cannot_keep_the_lease_is_refused(seconds):
    with pytest.raises(UsageError, match=r"at most half the lease.* with --lease 300"):
        WorkerSettings(lease_seconds=300, heartbeat_every_seconds=seconds)
