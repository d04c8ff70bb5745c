"""Around ``main_loop()``: checkpoints, preemption, progress, reports.

`session.TrainingSession` trains what a job describes, phase by phase (`runner`), asks its channel
whether to stop or to save (`preemption`), and leaves checkpoints, ``monitor.csv`` and event files.
``train_command`` is the same without a job: ``pylearn2-train``. The room knows a train object by
what it offers (``main_loop()``, ``extensions``, ``state_dict()``) and nothing of jobman.
"""

__all__: list[str] = []
