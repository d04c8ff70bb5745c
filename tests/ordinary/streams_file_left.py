"""Output into a file that is closed then, and stays there."""

import sys


def main(state, channel):
    print("before")
    with open("train.log", "w") as sys.stdout:
        print("epoch 1")
    sys.stdout = open("more.log", "w")
    print("epoch 2")
    state.results = {"y": 1}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
