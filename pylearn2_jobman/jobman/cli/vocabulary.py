"""``jobman vocabulary``: what YAML files may name."""

__all__ = ["vocabulary"]

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.tables import format_option, print_json


@command("jobman vocabulary autoencoder")
@click.argument("pattern", required=False, default="")
@format_option
def vocabulary(pattern: str, form: str) -> None:
    """Print the classes and functions that YAML files may name, with their arguments.

    PATTERN is a part of the names to print, such as autoencoder or sgd.
    """
    from pylearn2_jobman.naming.backend import TORCH, wanted
    from pylearn2_jobman.naming.vocabulary import entries, nearest, text

    found = entries(pattern)
    if not found:
        near = ", ".join(nearest(pattern))
        raise UsageError(f"no name has {pattern!r} in it; the nearest are {near}")
    if form == "json":
        print_json(found)
    else:
        click.echo(text(pattern), nl=False)
    if wanted() != TORCH:
        click.echo(
            "These are the classes on PyTorch. Under PYLEARN2_BACKEND=theano, YAML files name the "
            "modules of a checkout of the real pylearn2.",
            err=True,
        )
