"""With how many threads NumPy's library computes."""

import os

import numpy


def main(state, channel):
    x = numpy.ones((200, 200), dtype="float32")
    state.results = {"sum": float((x @ x).sum()), "threads": os.environ.get("OMP_NUM_THREADS")}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
