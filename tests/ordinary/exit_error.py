"""An error."""

import numpy


def main(state, channel):
    print("before it")
    return numpy.zeros(3) @ numpy.zeros(4)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
