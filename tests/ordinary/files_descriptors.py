"""Descriptors have the numbers that they have in a script."""

import os


def main(state, channel):
    files = [open(os.devnull) for _ in range(3)]
    state.results = {"numbers": [file.fileno() for file in files]}
    for file in files:
        file.close()


if __name__ == "__main__":
    import as_script

    as_script.run(main)
