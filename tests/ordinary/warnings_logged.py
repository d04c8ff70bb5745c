"""Warnings that are logged."""

import logging
import warnings


def main(state, channel):
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addHandler(logging.FileHandler("warnings.log", delay=True))
    warnings.showwarning("careful", UserWarning, "train.py", 7)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
