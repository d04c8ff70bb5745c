"""A reason to leave."""

import sys


def main(state, channel):
    sys.exit("no data here")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
