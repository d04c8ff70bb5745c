"""An exit code."""

import sys


def main(state, channel):
    print("leaving")
    sys.exit(3)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
