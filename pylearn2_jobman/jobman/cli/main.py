"""The ``jobman`` command: which commands there are, and how errors reach the user.

A command's module is imported when the command is used, so that ``jobman --help`` is quick.
"""

__all__ = ["CommandGroup", "dispatch", "jobman", "main"]

import contextlib
import functools
import importlib
import os
import sys
import warnings
from pathlib import Path
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

from pylearn2_jobman.errors import JobmanError, TableUnreachableError, suggest

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_UNREACHABLE = 3

_PACKAGE = __name__.rpartition(".")[0]
# The families, each with its commands: name -> (module of this package, what the overview says).
_FAMILIES = {
    "Put jobs into a table and look after them": {
        "check": (
            "jobs.check",
            "Report on a table: counts, failed jobs, jobs whose worker is gone.",
        ),
        "init": ("jobs.init", "Write a small experiment that works, to begin with."),
        "render": ("jobs.render", "Print the YAML of a job, its hyper-parameters filled in."),
        "delete": ("jobs.delete", "Remove jobs for good, and with --files their directories."),
        "edit": ("jobs.edit", "Change keys of jobs: hyper-parameters, tags, a note; or copy jobs."),
        "retry": ("jobs.retry", "Put failed jobs back to be run once more."),
        "search": ("jobs.search", "Search parameters: propose trials by how the last ones ended."),
        "sqlcopy": ("jobs.copy", "Copy a table into another database: from SQLite to PostgreSQL."),
        "sqlreload": ("jobs.reload", "Put what current.conf files hold back into a table."),
        "sqlschedule": ("jobs.schedule", "Put one job into a table."),
        "sqlschedules": (
            "jobs.schedule",
            "Put a sweep of jobs, {{a,b}} by {{1..9}}, into a table.",
        ),
        "sqlstatus": ("jobs.status", "List jobs, and change their status."),
        "sync": ("jobs.reload", "Store what is left in working directories on this machine."),
    },
    "Run jobs": {
        "cmdline": ("run.cmdline", "Run one experiment here and now, without a database."),
        "launch": ("run.launch", "Start workers on a cluster: Slurm, Dask, PBS, LSF, ssh."),
        "sql": ("run.sql", "Run jobs from a table."),
    },
    "Look at the results": {
        "best": ("results.best", "Print the finished jobs with the best value of a result."),
        "dashboard": ("results.dashboard", "Serve a web page with a table's jobs, live."),
        "diff": ("results.diff", "Print in what jobs differ."),
        "export": ("results.export", "Write jobs to a CSV, JSON or Parquet file."),
        "findjob": ("results.findjob", "List the directories of jobs that hold some values."),
        "model": ("results.model", "Print what made a job's model, or copy its file."),
        "plot": (
            "results.plot",
            "Draw results: curves, scatter, importance, progress of a search...",
        ),
        "predict": ("results.model", "Print what a model makes of examples in a file."),
        "query": ("results.query", "Print keys of jobs, chosen and sorted by a query."),
        "show": ("results.show", "Print all there is to know of one job."),
        "sqlview": (
            "results.view",
            "Make or drop a view with one row a job and one column a key.",
        ),
        "summary": (
            "results.summary",
            "Print counts, speed, the time left, and failures by error.",
        ),
    },
    "About the program": {
        "aliases": ("environment", "Make `import jobman` and `import pylearn2` work everywhere."),
        "convert": ("convert", "Make Python 3 of Python 2 sources."),
        "help": (
            "help",
            "Explain a command, or a topic: experiment, parameters, sweeps, queries, example, "
            "environment.",
        ),
        "vocabulary": ("vocabulary", "Print what YAML files may name, with its arguments."),
    },
}
_COMMANDS = {name: where for family in _FAMILIES.values() for name, where in family.items()}
# Commands of LISA's jobman, and what does their work here.
_FORMER = {
    "analyze": "use jobman query, summary or plot",
    "cachesync": "a worker stores files at every channel.save() (jobman sql --save-every); "
    "jobman sync stores what was left",
    "raw": "use python -m pylearn2_jobman script.py, or jobman cmdline",
    "rsync_any": "use jobman sql with an experiment root at ssh://host:path",
    "serve": "workers get their jobs from the database: use jobman sql",
}


class CommandGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Take options that stand before the command for the command's, and ``COMMAND help``."""
        first = next((i for i, text in enumerate(args) if not text.startswith("-")), 0)
        if first and args[0] != "--version":
            args = [args[first], *args[:first], *args[first + 1 :]]
        if args[1:] == ["help"]:
            args = [args[0], "--help"]
        return super().parse_args(context, args)

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import a command."""
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"{_PACKAGE}.{_COMMANDS[name][0]}")
        command: click.Command = getattr(module, name)
        return command

    def shell_complete(self, context: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin so, without importing them."""
        if incomplete.startswith("-"):
            return super().shell_complete(context, incomplete)
        return [
            CompletionItem(name, help=text)
            for name, (_, text) in sorted(_COMMANDS.items())
            if name.startswith(incomplete)
        ]

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for an unknown one suggest the nearest."""
        name = arguments[0]
        if name in _FORMER:
            raise click.UsageError(f"{name!r} is not a command any more: {_FORMER[name]}", context)
        if name not in _COMMANDS and not name.startswith("-"):
            near = suggest(name, _COMMANDS)
            raise click.UsageError(
                f"there is no command {name!r}{near} (commands: {', '.join(sorted(_COMMANDS))})",
                context,
            )
        return super().resolve_command(context, arguments)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        for family, commands in _FAMILIES.items():
            with formatter.section(family):
                formatter.write_dl([(name, text) for name, (_, text) in sorted(commands.items())])


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`jobman COMMAND --help` explains a command, `jobman help example` shows the whole way. "
    "Exit codes: 0 all went well, 1 some job failed, 2 usage, 3 the table cannot be reached.",
)
@click.version_option(package_name="pylearn2_jobman")
def jobman() -> None:
    """Schedule experiments in a database, run them, and query the results.

    DB, where a command takes it, is the address of a job table:
    sqlite:///file.db?table=name or postgres://user:password@host/database?table=name.
    Where JOBMAN_DB is set, DB may be left out; JOBMAN_EXPROOT stands for EXPROOT.
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the ``jobman`` command and leave with its exit code."""
    _run(jobman, "jobman", arguments)


def dispatch(arguments: list[str] | None = None) -> NoReturn:
    """Run the ``jobdispatch`` command and leave with its exit code."""
    from pylearn2_jobman.jobman.cli.run.dispatch import jobdispatch

    _run(jobdispatch, "jobdispatch", arguments)


def _run(command: click.Command, name: str, arguments: list[str] | None) -> NoReturn:
    """Run a command; errors reach the user as messages."""
    with contextlib.suppress(FileNotFoundError):  # the directory was deleted: `command` says so
        directory = str(Path.cwd())
        if directory not in sys.path:  # experiments and extractors may lie where one works
            sys.path.insert(0, directory)
    warnings.showwarning = _show_warning
    try:
        code = command.main(arguments, prog_name=name, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except click.Abort:
        sys.exit(130)
    except TableUnreachableError as error:
        _say(str(error))
        sys.exit(EXIT_UNREACHABLE)
    except JobmanError as error:
        _say("\n".join([str(error), *getattr(error, "__notes__", [])]))
        sys.exit(EXIT_USAGE)
    except BrokenPipeError:  # `jobman sqlstatus ... | head`
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  (nothing more is read)
        sys.exit(EXIT_FAILED)
    except Exception as error:
        from pylearn2_jobman.jobman.tracebacks import user_traceback

        if os.environ.get("JOBMAN_DEBUG"):
            raise
        _say(user_traceback(error))
        sys.exit(EXIT_USAGE)
    sys.exit(code if isinstance(code, int) else 0)


def _say(text: str) -> None:
    click.echo(f"jobman: {text}", err=True)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    _note(str(message))


@functools.lru_cache
def _note(text: str) -> None:
    """Tell the user something, once: a sweep reads a line for each of its jobs."""
    click.echo(f"jobman: note: {text}", err=True)
