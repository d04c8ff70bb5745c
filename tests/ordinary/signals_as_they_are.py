"""What signals do at first, and which are blocked."""

import signal


def main(state, channel):
    numbers = (signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE, signal.SIGALRM)
    state.results = {
        "handlers": [str(signal.getsignal(number)).partition(" at ")[0] for number in numbers],
        "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "wakeup": signal.set_wakeup_fd(-1),
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
