"""The threads of this process, Python's and the system's."""

import os
import threading


def main(state, channel):
    state.results = {
        "threads": [thread.name for thread in threading.enumerate()],
        "main": threading.current_thread() is threading.main_thread(),
        "tasks": len(os.listdir("/proc/self/task")),
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
