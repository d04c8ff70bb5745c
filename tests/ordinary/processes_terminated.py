"""A process that is ended while it sleeps."""

import multiprocessing
import time


def sleep(ready):
    ready.set()
    time.sleep(600)


def main(state, channel):
    ready = multiprocessing.Event()
    process = multiprocessing.Process(target=sleep, args=(ready,))
    process.start()
    ready.wait()
    process.terminate()
    process.join()
    state.results = {"code": process.exitcode}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
