"""A handler of SIGTERM and SIGUSR1 of the experiment's own."""

import os
import signal


def main(state, channel):
    got = []
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP):
        signal.signal(number, lambda number, frame: got.append(signal.Signals(number).name))
        os.kill(os.getpid(), number)
    state.results = {"got": got}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
