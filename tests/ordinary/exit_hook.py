"""A hook that notes an error in a file."""

import sys


def note(kind, error, frames):
    with open("crash.txt", "w") as file:
        file.write(f"{kind.__name__}: {error}")


def main(state, channel):
    sys.excepthook = note
    raise ValueError("deliberate")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
