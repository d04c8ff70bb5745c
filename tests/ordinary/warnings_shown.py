"""Warnings, shown once for a place."""

import warnings


def main(state, channel):
    for _ in range(3):
        warnings.warn("careful")
    warnings.warn("out of date", FutureWarning)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
