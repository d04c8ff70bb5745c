"""Variables that are set, for other programs too."""

import os
import subprocess


def main(state, channel):
    os.environ["MY_SETTING"] = "1"
    os.environ.pop("HOME", None)
    subprocess.run("echo $MY_SETTING ${HOME:-homeless}", shell=True, check=True)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
