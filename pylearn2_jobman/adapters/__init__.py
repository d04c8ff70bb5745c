"""Today's trainers with a ``main_loop()``: what a YAML file names instead of pylearn2's ``Train``.

``estimator`` is for scikit-learn's interface, LightGBM and XGBoost included, ``module`` for PyTorch
modules, ``lightning`` for Lightning's ``Trainer``; ``trainer`` has what they share: records under
``.model.monitor.channels``, extensions, termination criteria, stopping and going on. A library
comes in here only if it brings what `pylearn2_jobman.report` in a function of twenty lines cannot:
see ``docs/howto/any-library.rst``. Nothing in here imports its library before it is used.
"""

__all__: list[str] = []
