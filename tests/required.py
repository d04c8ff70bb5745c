"""What a test cannot do without: where it is missing the test is skipped, and in CI it fails."""

__all__ = ["require"]

import os

import pytest


def require(what: str, reason: str | None) -> None:
    """End the test, or its fixture, if there is a reason why it cannot run here.

    Parameters
    ----------
    what
        What is tested, such as 'Slurm'.
    reason
        Why it cannot be tested here; None: it can.
    """
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"CI runs the {what} tests too, but {reason}")
    if reason:
        pytest.skip(reason)
