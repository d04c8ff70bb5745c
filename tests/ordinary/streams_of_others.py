"""Output of C code and of other programs."""

import os
import subprocess


def main(state, channel):
    print("first", flush=True)
    os.write(1, b"second\n")
    subprocess.run(["echo", "third"], check=True)
    os.system("echo fourth >&2")
    print("fifth")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
