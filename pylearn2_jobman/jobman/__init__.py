"""The scheduler half: job states, the job table, workers and the ``jobman`` command."""
