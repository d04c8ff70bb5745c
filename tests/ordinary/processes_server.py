"""Processes of a fork server, and the resource tracker."""

import multiprocessing
from multiprocessing import shared_memory


def square(x):
    return x * x


def main(state, channel):
    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        squares = pool.map(square, range(3))
    memory = shared_memory.SharedMemory(create=True, size=8)
    memory.buf[0] = 7
    state.results = {"squares": squares, "first": memory.buf[0]}
    memory.close()
    memory.unlink()


if __name__ == "__main__":
    import as_script

    as_script.run(main)
