"""Processes that are waited for, or ended, at the end."""

import multiprocessing
import time


def write():
    time.sleep(0.2)
    with open("child.txt", "w") as file:
        file.write("child")


def main(state, channel):
    multiprocessing.Process(target=write).start()
    multiprocessing.Process(target=time.sleep, args=(600,), daemon=True).start()


if __name__ == "__main__":
    import as_script

    as_script.run(main)
