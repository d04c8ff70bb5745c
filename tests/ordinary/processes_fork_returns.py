"""A forked process that returns from main."""

import os


def main(state, channel):
    pid = os.fork()
    state.results = {"who": "child" if pid == 0 else "parent"}
    if pid == 0:
        with open("child.txt", "w") as file:
            file.write("child")
        return
    state.results.code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    import as_script

    as_script.run(main)
