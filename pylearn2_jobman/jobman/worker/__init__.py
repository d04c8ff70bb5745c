"""A job is run: claimed, given a directory and a process, watched, written back.

In the worker: ``loop`` (the slots), ``attempt`` (one job's way), ``supervision`` and ``processes``
(its process), ``live_row`` (what it shows), ``heartbeat``, ``control`` (signals and limits),
``retry``. Between them: ``server``, which forks. In the job's process: ``child`` and ``execution``,
with ``descriptors``, ``signals`` and ``logs``.
``settings`` are the options of ``jobman sql``, ``threads`` how many a job has, ``provenance`` notes
where and with which versions it ran. Engines that start workers elsewhere are in ``cluster``.
"""

__all__: list[str] = []
