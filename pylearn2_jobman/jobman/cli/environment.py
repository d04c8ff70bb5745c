"""``jobman aliases``: the old import names, in every program of this environment."""

__all__ = ["aliases"]

import click


@click.command()
@click.option("--install", "action", flag_value="install", help="Make them importable.")
@click.option("--remove", "action", flag_value="remove", help="Undo that.")
def aliases(action: str | None) -> None:
    """Make `import jobman`, `pylearn2` and `theano` work in every program of this environment.

    They work without this wherever pylearn2_jobman has been imported first, in workers, and in
    scripts run by `python -m pylearn2_jobman script.py`.
    """
    from pylearn2_jobman.naming.aliases import install_pth, remove_pth

    if action is None:
        raise click.UsageError("give --install or --remove")
    click.echo(install_pth() if action == "install" else remove_pth())
