"""A time-out that is still set when all is done."""

import signal


def late(number, frame):
    raise RuntimeError("late")


def main(state, channel):
    signal.signal(signal.SIGALRM, late)
    signal.alarm(600)
    state.results = {"y": 1}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
