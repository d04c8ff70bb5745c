"""Logging into a file, configured as the manual shows."""

import logging

log = logging.getLogger(__name__)


def main(state, channel):
    logging.basicConfig(
        filename="train.log", level=logging.DEBUG, format="%(levelname)s %(message)s"
    )
    log.debug("details")
    log.info("epoch %d", 1)
    logging.warning("careful")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
