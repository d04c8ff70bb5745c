"""Output and errors, in any alphabet."""

import sys


def main(state, channel):
    print("output", "Zürich", "数", sep="|")
    print("errors ø", file=sys.stderr)
    sys.stdout.write("no end of line")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
