"""Logging configured by nothing but the call itself."""

import logging


def main(state, channel):
    logging.basicConfig()
    logging.info("not shown")
    logging.warning("shown")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
