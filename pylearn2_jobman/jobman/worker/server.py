"""Imported by the fork server only: it outlives signals that are meant for the worker.

A batch system signals every process of a job. The worker decides about a signal and asks the
children to stop; the fork server must stay, or they could not be waited for.
"""

import gc
import signal

import pylearn2_jobman.jobman.worker.child  # noqa: F401  (what every job needs)

for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
    signal.signal(number, signal.SIG_IGN)

# What has been imported is shared with every child; the collector would only make copies of it.
gc.collect()
gc.freeze()
