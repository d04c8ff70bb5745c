"""What a job may reach where its worker has a list of names, ``JOBMAN_ALLOW``; without one, all.

``listed`` is the explicit list that ``pylearn2.*`` stands for, ``allow`` the list that the worker's
owner gives, ``paths`` the one function that every path of a job goes through, and ``arrays``
``numpy.load`` with that. Names are looked up by `pylearn2_jobman.naming.names`, and inside pickles
by `pylearn2_jobman.naming.unpickler`. What this keeps out and what it cannot is in
``docs/explanation/trust.rst``.
"""

__all__: list[str] = []
