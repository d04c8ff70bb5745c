"""Records that a handler keeps until the end."""

import logging
import logging.handlers


def main(state, channel):
    target = logging.FileHandler("kept.log")
    logging.getLogger("kept").addHandler(logging.handlers.MemoryHandler(100, target=target))
    logging.getLogger("kept").warning("kept until the end")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
