"""Ctrl-C, of which the experiment makes something."""

import _thread
import signal
import threading
import time


def main(state, channel):
    caught = []
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        caught.append("signal")
    threading.Timer(0.1, _thread.interrupt_main).start()
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        caught.append("thread")
    state.results = {"caught": caught}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
