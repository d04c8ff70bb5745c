"""A handler of all loggers."""

import logging


def main(state, channel):
    root = logging.getLogger()
    state.results = {"handlers": len(root.handlers), "level": root.level}
    root.addHandler(logging.FileHandler("all.log"))
    logging.getLogger("a.b").info("not written")
    logging.getLogger("a.b").error("written")
    root.setLevel(logging.INFO)
    logging.getLogger("a.b").info("written too")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
