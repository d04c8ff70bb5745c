"""No streams at all."""

import sys


def main(state, channel):
    print("one line", flush=True)
    sys.stdout = sys.stderr = None
    print("nowhere")
    state.results = {"y": 1}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
