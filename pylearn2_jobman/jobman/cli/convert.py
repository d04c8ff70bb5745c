"""``jobman convert``: sources of Python 2 become Python 3."""

__all__ = ["convert"]

from pathlib import Path

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command


@command("jobman convert my_layers.py my_dataset.py")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--print", "only_print", is_flag=True, help="Print the result, write nothing.")
def convert(files: tuple[str, ...], only_print: bool) -> None:
    """Make Python 3 of FILES, sources of Python 2; each is kept as FILE.orig.

    Modules that do not parse as Python 3 are converted whenever they are imported: this makes the
    result permanent. Files that parse are left alone.
    """
    from pylearn2_jobman.python2.convert import converted, decoded, parses
    from pylearn2_jobman.whole_file import whole_file

    for file in map(Path, files):
        data = file.read_bytes()
        source = decoded(data)
        if parses(source):
            click.echo(f"{file} is Python 3 as it is: left alone", err=only_print)
            continue
        text = converted(source, str(file), to_keep=True)
        if only_print:
            click.echo(text, nl=False)
            continue
        kept = file.with_name(f"{file.name}.orig")
        if kept.exists():
            raise UsageError(f"{kept} is there already, and would be lost: move it away")
        with whole_file(file, old=kept) as new:
            new.write(text.encode())
        click.echo(f"{file} is Python 3 now; what it was is in {kept}")
