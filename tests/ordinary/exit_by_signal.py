"""A crash."""

import os
import signal


def main(state, channel):
    print("leaving", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
