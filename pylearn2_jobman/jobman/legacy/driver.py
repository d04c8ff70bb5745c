"""A script with the jobs of one experiment, as a command: ``python jobs.py insert``.

::

    from jobman.mydriver import main

    if __name__ == "__main__":
        main(sys.argv, "sqlite:///jobs.db?table=mlp", "experiments", lab.train, states())
"""

__all__ = ["main", "mydriver_cmd", "mydriver_cmd_desc"]

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pylearn2_jobman.jobman.database.hashing import hashed_keys
from pylearn2_jobman.jobman.legacy.handle import DbHandle, open_db
from pylearn2_jobman.jobman.legacy.scheduling import hash_state, insert_job
from pylearn2_jobman.jobman.query.keys import HASH
from pylearn2_jobman.jobman.table.schedule import experiment_name, job_state

Command = Callable[..., Any]
_commands: dict[str, tuple[Command, str]] = {}


def mydriver_cmd_desc(description: str) -> Callable[[Command], Command]:
    """Make a function a command of `main`, by its name, with a description."""

    def add(function: Command) -> Command:
        _commands[function.__name__] = function, description.strip().partition("\n")[0]
        return function

    return add


def mydriver_cmd(function: Command) -> Command:
    """Make a function a command of `main`, with its docstring as the description."""
    return mydriver_cmd_desc(function.__doc__ or "")(function)


def main(
    argv: Sequence[str],
    dbstring: str,
    exp_root: str,
    job_fn: Callable[..., Any],
    job_dct_seq: Iterable[Mapping[str, Any]],
) -> None:
    """Run the command that ``argv`` names, or print which there are.

    A command is called with the handle as ``db`` and with these arguments, by their names.

    Parameters
    ----------
    argv
        ``sys.argv``.
    dbstring
        The address of the table.
    exp_root
        Where the jobs' directories are.
    job_fn
        The experiment.
    job_dct_seq
        The states of its jobs, nested or flat.
    """
    command, _ = _commands.get(argv[1] if len(argv) > 1 else "", (_help, ""))
    command(
        db=open_db(dbstring),
        argv=argv,
        dbstring=dbstring,
        exp_root=exp_root,
        job_fn=job_fn,
        job_dct_seq=tuple(job_dct_seq),
    )


def _help(argv: Sequence[str], **_: Any) -> None:
    print(f"Usage: {argv[0]} <cmd>\nCommands available:")
    for name, (_command, description) in _commands.items():
        print(f"{name:>20} - {description}")


@mydriver_cmd_desc("Insert the jobs that are not there yet; --dry only counts them")
def insert(
    db: DbHandle,
    argv: Sequence[str],
    job_fn: Callable[..., Any],
    job_dct_seq: Sequence[Mapping[str, Any]],
    **_: Any,
) -> None:
    """Insert the jobs, a dot for each, a dash for one that is there already."""
    dry = "--dry" in argv
    added = 0
    for state in job_dct_seq:
        if dry:
            code = hash_state(hashed_keys(job_state(experiment_name(job_fn), state)))
            new = db.query().filter_eq(HASH, code).first() is None
        else:
            new = insert_job(job_fn, state, db) is not None
        print("." if new else "-", end="", flush=True)
        added += new
    print(f"\n{'Would insert' if dry else 'Inserted'} {added}/{len(job_dct_seq)} jobs in database")


@mydriver_cmd
def status(db: DbHandle, **_: Any) -> None:
    """Count the jobs that wait, run, are done and so on."""
    for one, number in db.table.counts().items():
        print(f"{one.name:<9}: {number}")


@mydriver_cmd
def create_view(db: DbHandle, **_: Any) -> None:
    """Make the view <table>view."""
    db.createView(f"{db.tablename}view")


@mydriver_cmd
def dbstring(db: DbHandle, **_: Any) -> None:
    """Print which table this is about."""
    print(db.table.url)


@mydriver_cmd
def clear_db(db: DbHandle, **_: Any) -> None:
    """Delete all jobs, after a question."""
    number = db.table.count()
    if input(f"Delete ALL {number} jobs of {db.table.url}? (y/N) ").strip().lower() != "y":
        print("not deleting anything")
        return
    print(f"deleted {db.table.delete([job.id for job in db])} jobs")
