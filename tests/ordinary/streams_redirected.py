"""Output that is caught, by Python and below it."""

import contextlib
import io
import os


def main(state, channel):
    caught = io.StringIO()
    with contextlib.redirect_stdout(caught):
        print("caught")
    print("not caught", flush=True)
    saved = os.dup(1)
    with open("low.txt", "w") as file:
        os.dup2(file.fileno(), 1)
    os.system("echo below")
    os.dup2(saved, 1)
    os.close(saved)
    print("back")
    state.results = {"caught": caught.getvalue()}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
