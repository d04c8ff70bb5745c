"""A pool of threads whose work is not waited for."""

import concurrent.futures
import time


def work(number):
    time.sleep(0.05)
    with open(f"{number}.txt", "w") as file:
        file.write(str(number))


def main(state, channel):
    pool = concurrent.futures.ThreadPoolExecutor(2)
    for number in range(6):
        pool.submit(work, number)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
