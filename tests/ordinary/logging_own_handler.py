"""A handler of one logger, whose level nobody has set."""

import logging

log = logging.getLogger("own")


def main(state, channel):
    log.addHandler(logging.FileHandler("own.log"))
    log.info("not written")
    log.warning("written")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
