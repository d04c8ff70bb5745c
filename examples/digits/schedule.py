"""Schedule the grid of experiments from Python: ``python -m pylearn2_jobman schedule.py``."""

from pathlib import Path

from jobman import api0, sql
from jobman.tools import DD, flatten
from pylearn2.scripts.jobman import experiment

db = api0.open_db("sqlite:///digits.db?table=digits")

state = DD()
state.yaml_template = Path("mlp.yaml").read_text()
state.hyper_parameters = DD(momentum=0.9, max_epochs=50)
state.extract_results = "digits.best_epoch"

for learning_rate in (0.5, 0.2, 0.1, 0.05):
    for nhid in (25, 50, 100):
        state.hyper_parameters.learning_rate = learning_rate
        state.hyper_parameters.nhid = nhid
        sql.insert_job(experiment.train_experiment, flatten(state), db)

db.createView("digits_view")
