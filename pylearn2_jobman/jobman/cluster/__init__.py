"""Workers on many machines: what starts them is an existing engine, the table stays the queue.

A module an engine (``slurm``, ``dask``, ``psij``, ``local``); ``request`` is what all of them are
asked for, ``command`` the command line that runs there. ``batch`` asks a batch system about a
worker.
"""

__all__: list[str] = []
