"""What signals do in a process that the experiment forks."""

import multiprocessing
import signal


def show(queue):
    numbers = (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGCHLD)
    queue.put([str(signal.getsignal(number)) for number in numbers])


def main(state, channel):
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=show, args=(queue,))
    process.start()
    state.results = {"handlers": queue.get()}
    process.join()


if __name__ == "__main__":
    import as_script

    as_script.run(main)
