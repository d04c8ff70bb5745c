"""Warnings that are made errors."""

import warnings


def main(state, channel):
    warnings.simplefilter("error")
    try:
        warnings.warn("careful")
    except UserWarning as warning:
        state.results = {"warning": str(warning)}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
