"""A time-out by an alarm."""

import signal
import time


class Late(Exception):
    pass


def late(number, frame):
    raise Late


def main(state, channel):
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        time.sleep(60)
    except Late:
        state.results = {"late": True}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
