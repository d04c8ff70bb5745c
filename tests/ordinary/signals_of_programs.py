"""What signals do in a program that the experiment starts."""

import subprocess
import sys

SHOW = """
import signal
for number in sorted(signal.valid_signals()):
    if signal.getsignal(number) not in (signal.SIG_DFL, None):
        print(number, signal.getsignal(number) == signal.SIG_IGN)
print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
"""


def main(state, channel):
    subprocess.run([sys.executable, "-c", SHOW], check=True)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
