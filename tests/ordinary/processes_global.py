"""A global that is set before the pool is made."""

import multiprocessing

factor = 0.0


def scale(x):
    return factor * x


def main(state, channel):
    global factor
    factor = 2.0
    with multiprocessing.Pool(2) as pool:
        state.results = {"sum": sum(pool.map(scale, range(5)))}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
