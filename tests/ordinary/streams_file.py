"""Output into a file that is closed then."""

import sys


def main(state, channel):
    with open("train.log", "w") as sys.stdout:
        print("epoch 1")
    sys.stdout = sys.__stdout__
    print("afterwards")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
