"""Options of several commands that read parameters."""

__all__ = ["draws_option", "parser_option", "seed_option"]

import click

parser_option = click.option(
    "-p", "--parser", "parser_name", default="filemerge", show_default=True, metavar="NAME",
    help="How parameters are read: filemerge, standard, raw, raw_filemerge, or module.function.",
)  # fmt: skip
draws_option = click.option(
    "--draws", type=click.IntRange(min=1), metavar="N",
    help="Make every combination N times, each with new values of key ~ distribution.",
)  # fmt: skip
seed_option = click.option(
    "--seed", type=int, metavar="SEED",
    help="Which values are drawn; the same seed draws the same. Unset: 0.",
)  # fmt: skip
