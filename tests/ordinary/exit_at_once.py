"""The end of the process, without ado."""

import os


def main(state, channel):
    print("leaving", flush=True)
    os._exit(4)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
