"""A thread that goes on after main has returned."""

import threading
import time


def late():
    time.sleep(0.2)
    with open("late.txt", "w") as file:
        file.write("late")
    print("late")


def main(state, channel):
    threading.Thread(target=late).start()
    state.results = {"y": 1}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
