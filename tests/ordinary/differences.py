"""In what a job differs from a script: the rows of the table in docs/explanation/workers.rst."""

import logging
import os
import signal
import sys

log = logging.getLogger(__name__)


def main(state, channel):
    log.info("a remark")
    arguments = list(sys.argv)
    leads = os.getsid(0) == os.getpid() == os.getpgid(0)
    asked = []
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        os.kill(os.getpid(), signal.SIGTERM)
        asked.append(channel.switch())
    user = [signal.getsignal(n) for n in (signal.SIGUSR1, signal.SIGUSR2)]
    state.results = {
        "its module's name": "its own" if __name__ != "__main__" else "__main__",
        "the working directory": "its own"
        if os.path.exists("orig.conf")
        else "where it is started",
        "its session": "its own" if leads else "the shell's",
        "its arguments": "the experiment's name"
        if arguments == ["differences.main"]
        else "as given",
        "SIGTERM": "asks it to stop" if asked == ["stop"] else "ends it",
        "SIGUSR1 and SIGUSR2": "end it" if user == [signal.SIG_DFL] * 2 else "do nothing",
        "output after each line": "is written" if sys.stdout.line_buffering else "may wait",
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
