"""How long the tests that search by themselves search: briefly, or ``FUZZ`` times as long."""

import os

from hypothesis import HealthCheck, Phase, settings

_FACTOR = int(os.environ.get("FUZZ", "1"))


def examples(number: int, **more: int) -> settings:
    """The settings for so many examples: the same each time, or with ``make fuzz`` more and new."""
    return settings(
        max_examples=number * _FACTOR,
        derandomize=_FACTOR == 1,
        deadline=None,
        # An example that fails is made smaller by `make fuzz`: a table takes minutes for that.
        phases=[
            phase for phase in Phase if _FACTOR > 1 or phase not in (Phase.shrink, Phase.explain)
        ],
        # A table is made once for all examples of a test.
        suppress_health_check=list(HealthCheck),
        **more,
    )
