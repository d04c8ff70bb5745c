"""What the streams say of themselves."""

import sys


def main(state, channel):
    state.results = {
        "encoding": sys.stdout.encoding,
        "terminal": sys.stdout.isatty(),
        "original": sys.stdout is sys.__stdout__ and sys.stderr is sys.__stderr__,
        "numbers": [sys.stdin.fileno(), sys.stdout.fileno(), sys.stderr.fileno()],
        "input": sys.stdin.read(),
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
