"""Numbers in a file that is mapped into memory."""

import numpy


def main(state, channel):
    numbers = numpy.lib.format.open_memmap("numbers.npy", mode="w+", shape=(4,), dtype="float64")
    numbers[:] = numpy.arange(4) / 3
    state.results = {"sum": float(numbers.sum())}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
