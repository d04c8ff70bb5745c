"""Numbers in text, and how errors of computation are met."""

import decimal

import numpy


def main(state, channel):
    decimal.getcontext().prec = 5
    with numpy.errstate(all="raise"):
        try:
            numpy.float32(1) / numpy.float32(0)
        except FloatingPointError as error:
            problem = str(error)
    numpy.seterr(all="raise")
    state.results = {
        "third": str(decimal.Decimal(1) / 3),
        "problem": problem,
        "x": numpy.float64(0.1),
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
