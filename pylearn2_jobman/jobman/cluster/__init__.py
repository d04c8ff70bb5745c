"""Workers on many machines: what starts them is an existing engine, the table stays the queue.

A module an engine (``slurm``, ``dask``, ``psij``, ``ssh``, ``local``), which ``engine`` defines and
``cli/run/launch.py`` has a line for. ``request`` is what all of them are asked for, ``command`` the
command line that runs there. ``batch`` asks a batch system about a worker, ``tasks`` gives it
commands of any kind.
"""

__all__: list[str] = []
