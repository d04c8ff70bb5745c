"""Searches: trials that the table proposes by how those before them ended, and stops early.

An adaptive search is an ordinary job, whose experiment is `propose`. It needs of the table what it
reads (``query``) and a way to insert; ``definition`` is what is searched, ``trials`` how the jobs
of the table look to it, ``study`` the only module that knows Optuna. ``pruning`` is the verdict on
a job whose curve is hopeless, in a search or not. Claims, leases and processes of proposers are the
queue's and the worker's, as of all jobs: none of that belongs here.
"""

__all__ = ["PROPOSE", "Definition", "Search", "Standing", "propose"]

from pylearn2_jobman.jobman.search.adaptive import PROPOSE, Search, Standing, propose
from pylearn2_jobman.jobman.search.definition import Definition
