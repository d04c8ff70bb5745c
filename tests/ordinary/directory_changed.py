"""Another working directory, in which the experiment stays."""

import os


def main(state, channel):
    os.mkdir("sub")
    os.chdir("sub")
    with open("here.txt", "w") as file:
        file.write(os.path.basename(os.getcwd()))


if __name__ == "__main__":
    import as_script

    as_script.run(main)
