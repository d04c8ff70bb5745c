"""Other queues and Optuna's storage, for benchmarks/queue.py, in an environment that has them.

    python queue_peers.py procrastinate|pgqueuer|optuna URL JOBS WORKERS MILLISECONDS

Prints how many jobs a second that many processes do, whose jobs take that many milliseconds. Each
is run as its own documentation does, and keeps less than we do: the queues no results.
"""

import asyncio
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

sys.path.pop(0)  # this directory's queue.py would hide the standard library's

Run = Callable[..., Coroutine[Any, Any, None]]


def parameters(number: int) -> dict[str, Any]:
    """The 15 parameters of an experiment in benchmarks/queue.py."""
    return {
        **{f"count_{i}": number + i for i in range(5)},
        **{f"rate_{i}": number / 7 + i for i in range(5)},
        **{f"name_{i}": f"layer_{number}_{i}" for i in range(5)},
    }


def procrastinate_queue(url: str, seconds: float) -> tuple[Run, Run]:
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    @app.task(name="train")
    async def train(**_: Any) -> None:
        await asyncio.sleep(seconds)

    async def insert(jobs: int) -> None:
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            await train.batch_defer_async(*map(parameters, range(jobs)))

    async def work() -> None:
        async with app.open_async():
            await app.run_worker_async(wait=False, concurrency=1, install_signal_handlers=False)

    return insert, work


def pgqueuer_queue(url: str, seconds: float) -> tuple[Run, Run]:
    import asyncpg
    from pgqueuer import PgQueuer
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import Queries
    from pgqueuer.types import QueueExecutionMode

    async def insert(jobs: int) -> None:
        queries = Queries(AsyncpgDriver(await asyncpg.connect(url)))
        await queries.install()
        payloads: list[bytes | None] = [
            json.dumps(parameters(number)).encode() for number in range(jobs)
        ]
        await queries.enqueue(["train"] * jobs, payloads, [0] * jobs)

    async def work() -> None:
        queue = PgQueuer(AsyncpgDriver(await asyncpg.connect(url)))

        @queue.entrypoint("train")
        async def train(_job: Any) -> None:
            await asyncio.sleep(seconds)

        await queue.run(mode=QueueExecutionMode.drain)

    return insert, work


def optuna_storage(url: str, seconds: float) -> tuple[Run, Run]:
    """Trials asked for, with 15 suggestions, and told, with 3 attributes."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = url.replace("postgres://", "postgresql+psycopg://")
    jobs = 0

    async def insert(count: int) -> None:
        nonlocal jobs
        jobs = count
        optuna.create_study(storage=storage, study_name="s")

    async def work() -> None:
        sampler = optuna.samplers.RandomSampler()
        study = optuna.load_study(study_name="s", storage=storage, sampler=sampler)
        for _ in range(jobs // int(sys.argv[4])):
            trial = study.ask()
            for number in range(15):
                trial.suggest_float(f"p{number}", 0, 1)
            time.sleep(seconds)
            for name in ("best_epoch", "valid_nll", "test_misclass"):
                trial.set_user_attr(name, 0.25)
            study.tell(trial, 0.25)

    return insert, work


PEERS = {
    "procrastinate": procrastinate_queue,
    "pgqueuer": pgqueuer_queue,
    "optuna": optuna_storage,
}


def main() -> None:
    name, url, jobs, workers, milliseconds = sys.argv[1:]
    insert, work = PEERS[name](url, float(milliseconds) / 1000)
    asyncio.run(insert(int(jobs)))
    processes = [
        multiprocessing.get_context("fork").Process(target=lambda: asyncio.run(work()))
        for _ in range(int(workers))
    ]
    begin = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    elapsed = time.perf_counter() - begin
    if any(process.exitcode for process in processes):
        sys.exit(f"{name}: a worker failed")
    print(int(jobs) / elapsed)


if __name__ == "__main__":
    main()
