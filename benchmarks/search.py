"""An adaptive search by workers beside Optuna driving the same function by itself.

    python benchmarks/search.py [--seeds 10] [--trials 60] [--slots 4] [--rows 10000]

The function trains a small network on the handwritten digits for 27 epochs; five hyper-parameters
vary. Each way has the same trials, the same number at once and the same sampler, TPE, and is begun
with each seed: workers with `jobman search`; Optuna, which asks and tells in one process and trains
in a pool; workers with random draws; workers with TPE and `--prune asha`. What is compared is the
best validation error of each. From the times in the table: how long a slot that got free waited for
its next trial. Then what one proposal costs in a table of so many rows.
"""

import argparse
import concurrent.futures
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# In place of this directory, whose queue.py would hide the standard library's.
sys.path[0] = str(HERE / "search_trial")

from digits_trial import SPACE, best_of_epochs  # noqa: E402

from pylearn2_jobman.jobman.parameters.distributions import Uniform  # noqa: E402
from pylearn2_jobman.jobman.status import Status  # noqa: E402
from pylearn2_jobman.jobman.table import open_table  # noqa: E402

BY = "results.valid_error"


def by_workers(seed: int, arguments: argparse.Namespace, **settings: Any) -> dict[str, Any]:
    """Search with `jobman sql`; return the best error, the epochs, and how long slots waited."""
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{directory}/jobs.db?table=t"
        environment = os.environ | {"PYTHONPATH": sys.path[0], "OMP_NUM_THREADS": "1"}
        with open_table(url) as table:
            search = table.search(
                "digits_trial.train", SPACE, by=BY, trials=arguments.trials, seed=seed, **settings
            )
            search.start()
            command = [sys.executable, "-m", "pylearn2_jobman.jobman", "sql", "-n0"]
            command += [f"-j{arguments.slots}", "--import", "digits_trial,optuna", url, "root"]
            subprocess.run(
                command, check=True, cwd=directory, env=environment, stdout=subprocess.DEVNULL
            )
            keys = [BY, "results.epochs", "jobman.start_time", "jobman.end_time"]
            found = table.columns(keys=keys, where="jobman.search.number is not null").columns
    starts, ends = sorted(found["jobman.start_time"]), sorted(found["jobman.end_time"])
    waits = [start - end for end, start in zip(ends, starts[arguments.slots :], strict=False)]
    return {
        "best": min(found[BY]), "epochs": sum(found["results.epochs"]), "waits": waits,
    }  # fmt: skip


def by_optuna(seed: int, arguments: argparse.Namespace) -> dict[str, Any]:
    """Search with Optuna alone: ask, train in a pool of processes, tell as each one ends."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True))
    fork = multiprocessing.get_context("fork")
    space = {
        "learning_rate": optuna.distributions.FloatDistribution(1e-3, 10, log=True),
        "momentum": optuna.distributions.FloatDistribution(0, 0.99),
        "hidden": optuna.distributions.IntDistribution(4, 63),
        "decay": optuna.distributions.FloatDistribution(1e-6, 1e-1, log=True),
        "activation": optuna.distributions.CategoricalDistribution(["tanh", "relu"]),
    }
    with concurrent.futures.ProcessPoolExecutor(arguments.slots, mp_context=fork) as pool:
        running: dict[concurrent.futures.Future[Any], optuna.Trial] = {}
        asked = 0
        while asked < arguments.trials or running:
            while asked < arguments.trials and len(running) < arguments.slots:
                trial = study.ask(space)
                running[pool.submit(best_of_epochs, trial.params)] = trial
                asked += 1
            done, _ = concurrent.futures.wait(
                running, return_when=concurrent.futures.FIRST_COMPLETED
            )
            for future in done:
                study.tell(running.pop(future), future.result())
    return {"best": study.best_value}


def seconds_a_proposal(rows: int) -> float:
    """Return how long `jobman search`'s experiment takes in a table of so many ended trials."""
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{directory}/jobs.db?table=t"
        with open_table(url) as table:
            space = {f"x{number}": Uniform(0, 1) for number in range(5)}
            search = table.search("digits_trial.train", space, by=BY, trials=rows + 1, name="big")
            states = (
                {
                    **search.definition.trial(number, {
                        key: one.draw(0, key, number) for key, one in space.items()
                    }),
                    BY: 1 / (1 + number),
                }
                for number in range(rows)
            )  # fmt: skip
            table.insert_many(states, status=Status.DONE)
        code = (
            "from pylearn2_jobman.jobman.table import open_table\n"
            f"open_table({url!r}, create=False).search(name='big').propose()"
        )
        with open_table(url) as table:
            search.table = table
            search.start()
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("seeds", 10), ("trials", 60), ("slots", 4), ("rows", 10_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    from pylearn2_jobman.jobman.search.pruning import Pruning

    ways: dict[str, Any] = {
        "workers, TPE": lambda seed: by_workers(seed, arguments),
        "Optuna, TPE": lambda seed: by_optuna(seed, arguments),
        "workers, random": lambda seed: by_workers(seed, arguments, sampler="random"),
        "workers, TPE and ASHA": lambda seed: by_workers(
            seed, arguments, prune=Pruning("asha", "valid_error")
        ),
    }
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in ways}
    for seed in range(arguments.seeds):  # one way after the other, so that all see the same machine
        for name, way in ways.items():
            found[name].append(way(seed))
    print(f"{arguments.trials} trials, {arguments.slots} at once, {arguments.seeds} seeds:")
    for name, runs in found.items():
        best = [run["best"] for run in runs]
        print(
            f"  {name:22} best validation error {statistics.mean(best):.4f} on average, "
            f"deviation {statistics.pstdev(best):.4f}"
        )
    whole, pruned = (
        statistics.mean(run["epochs"] for run in found[name])
        for name in ("workers, TPE", "workers, TPE and ASHA")
    )
    print(f"  with ASHA {pruned / whole:.2f} of the epochs")
    waits = sorted(wait for run in found["workers, TPE"] for wait in run["waits"])
    median = statistics.median(waits)
    print(f"  a free slot waited {median:.2f} s for its next trial, {waits[-1]:.2f} at most")
    seconds = seconds_a_proposal(arguments.rows)
    print(f"  a proposal among {arguments.rows:,} rows, imports included: {seconds:.2f} s")


if __name__ == "__main__":
    main()
