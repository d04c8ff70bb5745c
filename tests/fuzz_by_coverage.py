"""Search for a crash along the lines that a text reaches, with atheris: see ``make fuzz``.

::

    python tests/fuzz_by_coverage.py yaml|expression|literal|query [-max_total_time=60]

What it finds it writes to a file ``crash-...``; put the text into ``tests/test_limits.py``, or
where its like is. A text that takes two seconds or a gigabyte counts as a crash.
"""

import contextlib
import sys
import warnings

import atheris

with atheris.instrument_imports(include=["pylearn2_jobman"]):
    from pylearn2_jobman.errors import JobmanError
    from pylearn2_jobman.jobman.database.schema import Schema
    from pylearn2_jobman.jobman.parameters.expression import evaluate
    from pylearn2_jobman.jobman.query.select import parse_query
    from pylearn2_jobman.pylearn2.config.yaml_parse import load
    from pylearn2_jobman.values import parse_literal

SCHEMA = Schema("t_")


def yaml(text: str) -> None:
    with contextlib.suppress(JobmanError):
        load(text, instantiate=False)


def expression(text: str) -> None:
    if "@" in text:  # it may call anything
        return
    try:
        evaluate(text, {"a": 1})
    except JobmanError:
        pass
    except Exception as error:
        if not any("while computing" in note for note in getattr(error, "__notes__", [])):
            raise


def literal(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_literal(text)


def query(text: str) -> None:
    with contextlib.suppress(JobmanError):
        parse_query(text, SCHEMA)


TARGETS = {target.__name__: target for target in (yaml, expression, literal, query)}


def main() -> None:
    name, *options = sys.argv[1:]
    target = TARGETS[name]
    warnings.simplefilter("ignore")

    def one(data: bytes) -> None:
        target(atheris.FuzzedDataProvider(data).ConsumeUnicode(10_000))

    limits = ["-timeout=2", "-rss_limit_mb=1024", "-max_len=10000"]
    atheris.Setup([sys.argv[0], *limits, *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
