"""Locks, events and a timer."""

import threading


def main(state, channel):
    done = threading.Event()
    threading.Timer(0.05, done.set).start()
    total = []
    lock = threading.Lock()

    def add(number):
        with lock:
            total.append(number)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state.results = {"sum": sum(total), "done": done.wait(60)}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
