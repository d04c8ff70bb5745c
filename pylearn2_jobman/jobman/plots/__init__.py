"""Plots of results, each a function that returns a matplotlib figure.

They take a DataFrame of `JobTable.dataframe`, a row a job and a column a key. If a row is a group
of jobs, a result's mean is under its own key. `learning_curves` takes the records of
`pylearn2_jobman.jobman.files.records.read_records`. `save` writes a figure to a file.
"""

__all__ = [
    "best_so_far",
    "data_uri",
    "heat_map",
    "hyper_parameters",
    "importance",
    "importances",
    "learning_curves",
    "parallel_coordinates",
    "pareto_front",
    "result_against",
    "save",
]

from pylearn2_jobman.errors import UsageError

try:
    import matplotlib  # noqa: F401
    import pandas  # noqa: F401
except ModuleNotFoundError as error:
    raise UsageError(f"plots need {error.name}: pip install 'pylearn2_jobman[analysis]'") from error

from pylearn2_jobman.jobman.plots.curves import learning_curves
from pylearn2_jobman.jobman.plots.data import hyper_parameters
from pylearn2_jobman.jobman.plots.heatmap import heat_map
from pylearn2_jobman.jobman.plots.importances import importance, importances
from pylearn2_jobman.jobman.plots.output import data_uri, save
from pylearn2_jobman.jobman.plots.parallel import parallel_coordinates
from pylearn2_jobman.jobman.plots.progress import best_so_far, pareto_front
from pylearn2_jobman.jobman.plots.scatter import result_against
