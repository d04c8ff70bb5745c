"""Processes that are ended while they sleep, and as soon as they are started."""

import multiprocessing
import time


def sleep(ready):
    ready.set()
    time.sleep(600)


def main(state, channel):
    codes = []
    for number in range(20):
        ready = multiprocessing.Event()
        process = multiprocessing.Process(target=sleep, args=(ready,))
        process.start()
        if number % 2:
            ready.wait()
        process.terminate()
        process.join()
        codes.append(process.exitcode)
    state.results = {"codes": codes}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
