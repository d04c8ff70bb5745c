"""The ``jobman`` command: a module a command, in the families that ``jobman --help`` shows.

``jobs`` puts jobs into tables and looks after them, ``run`` runs them, ``results`` shows what came
of them. ``main`` is where the commands are listed (a line each) and where errors become messages;
``tables`` and ``display`` print. A command parses and prints: what it does is done in the rooms
below.
"""

__all__ = ["dispatch", "jobman", "main"]

from pylearn2_jobman.jobman.cli.main import dispatch, jobman, main
