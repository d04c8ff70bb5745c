"""Which object a dotted name stands for, today and in 2011.

``names`` imports what a name stands for, if `pylearn2_jobman.fence` lets it, and ``unpickler`` what
the names inside pickles do; ``renames`` and ``arguments`` are the tables of what was renamed in
pylearn2's history, ``former`` of what moved in this package's; ``aliases`` serves ``import jobman``
and ``import pylearn2``; ``absence`` tells a mistake from a package that is elsewhere;
``signatures`` finds which arguments a named callable takes, and ``vocabulary`` lists what YAML
files may name. With `pylearn2_jobman.experiment` it is the one place that knows both halves, and it
knows them by name alone: nothing here imports either before somebody asks for an object of it.
"""

__all__: list[str] = []
