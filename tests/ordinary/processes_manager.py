"""A manager's dictionary and a queue with a feeder thread."""

import multiprocessing


def fill(shared, queue):
    shared["x"] = 1
    queue.put("y" * 100_000)


def main(state, channel):
    queue = multiprocessing.Queue()
    with multiprocessing.Manager() as manager:
        shared = manager.dict()
        process = multiprocessing.Process(target=fill, args=(shared, queue))
        process.start()
        length = len(queue.get())
        process.join()
        state.results = {"x": shared["x"], "length": length}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
