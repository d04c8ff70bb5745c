"""Output into two places, by an object that can only write."""

import sys


class Tee:
    def __init__(self, *streams):
        self.streams = streams

    def write(self, text):
        for stream in self.streams:
            stream.write(text)

    def flush(self):
        pass


def main(state, channel):
    sys.stdout = Tee(sys.stdout, open("copy.txt", "w"))
    print("twice")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
