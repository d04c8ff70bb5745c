"""A forked process that reports, saves and asks."""

import os


def main(state, channel):
    state.results = {"who": "child"}
    pid = os.fork()
    if pid == 0:
        channel.switch("from the child")
        channel.save()
        os._exit(7)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    state.results = {"who": "parent", "code": code, "asked": channel.switch()}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
