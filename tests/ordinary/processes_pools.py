"""Pools, one after another, each left by its with block."""

import multiprocessing
import time


def main(state, channel):
    for _ in range(4):
        with multiprocessing.Pool(2) as pool:
            pool.map_async(time.sleep, [60] * 4)
    state.results = {"y": 1}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
