"""The command ``pylearn2-print-model``: what a saved model is made of."""

__all__ = ["main"]

import click

from pylearn2_jobman.pylearn2.utils import serial


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False))
def main(path: str) -> None:
    """Print the saved model PATH."""
    click.echo(serial.load(path))


if __name__ == "__main__":
    main()
