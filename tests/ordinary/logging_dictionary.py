"""Logging configured by a dictionary."""

import logging.config

SETTINGS = {
    "version": 1,
    "formatters": {"short": {"format": "%(name)s: %(message)s"}},
    "handlers": {
        "file": {"class": "logging.FileHandler", "filename": "d.log", "formatter": "short"},
        "out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"},
    },
    "root": {"level": "DEBUG", "handlers": ["file", "out"]},
}


def main(state, channel):
    logging.config.dictConfig(SETTINGS)
    logging.getLogger("train").debug("details")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
