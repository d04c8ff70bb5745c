"""A working directory that is emptied."""

import os
import shutil


def main(state, channel):
    os.mkdir("a")
    for name in os.listdir("."):
        if name.startswith("a"):
            shutil.rmtree(name)
    with open("new.txt", "w") as file:
        file.write("new")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
