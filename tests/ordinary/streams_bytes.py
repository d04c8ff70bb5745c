"""Bytes, and many of them."""

import sys


def main(state, channel):
    sys.stdout.flush()
    state.results = {"n": sys.stdout.buffer.write(b"\x80" * 3_000_000)}
    sys.stdout.buffer.write(b"end")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
