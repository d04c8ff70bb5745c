"""A thread that is left behind."""

import threading


def main(state, channel):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    state.results = {"y": 1}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
