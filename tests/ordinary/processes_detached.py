"""A process that outlives the experiment, in a session of its own."""

import subprocess


def main(state, channel):
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    state.outlives = process.pid
    process.returncode = 0


if __name__ == "__main__":
    import as_script

    as_script.run(main)
