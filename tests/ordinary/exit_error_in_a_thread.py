"""An error in a thread, which ends that alone."""

import threading


def note(arguments):
    print("thread:", arguments.exc_type.__name__)


def main(state, channel):
    threading.excepthook = note
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    state.results = {"y": 1}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
