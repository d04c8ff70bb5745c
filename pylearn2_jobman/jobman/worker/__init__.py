"""A job is run: claimed, given a directory and a process, watched, written back.

In the worker: ``loop`` (the slots), ``attempt`` (one job's way), ``supervision`` and ``processes``
(its process), ``heartbeat``, ``control`` (signals and limits), ``retry``. In the job's process:
``child`` and ``execution``. ``settings`` are the options of ``jobman sql``, ``provenance`` notes
where and with which versions a job ran. Engines that start workers elsewhere are in ``cluster``.
"""

__all__: list[str] = []
