"""A script of the kind that the jobman documentation of pylearn2 shows: it puts a job into a table.

The extractor reads the channel that the cost had in 2012.
"""

from pathlib import Path

from jobman import api0, sql
from jobman.tools import DD, flatten
from pylearn2.scripts.jobman import experiment


def result_extractor(train_obj):
    """Keep the reconstruction error of every epoch, and when it was recorded."""
    channel = train_obj.model.monitor.channels["sgd_cost(ExhaustiveSGD[X])"]
    return {"reconstruction_error": channel.val_record, "batch_num": channel.batch_record}


if __name__ == "__main__":
    db = api0.open_db("sqlite:///test.db?table=test_jobman_pylearn2")

    state = DD()
    state.yaml_template = Path("cae.yaml").read_text()
    state.hyper_parameters = {
        "file": "${PYLEARN2_DATA_PATH}/UTLC/pca/sylvester_train_x_pca32.npy",
        "nvis": 32,
        "nhid": 6,
        "learning_rate": 0.1,
        "batch_size": 10,
        "coefficient": 0.5,
        "term_crit": {
            "__builder__": "pylearn2.training_algorithms.sgd.EpochCounter",
            "max_epochs": 2,
        },
    }
    state.extract_results = "insert.result_extractor"

    sql.insert_job(experiment.train_experiment, flatten(state), db, force_dup=True)
