"""The bridge under the name that job tables of the time hold: see `pylearn2_jobman.experiment`."""

from pylearn2_jobman.experiment import results_extractor as results_extractor
from pylearn2_jobman.experiment import train_experiment as train_experiment
from pylearn2_jobman.experiment import ydict as ydict
