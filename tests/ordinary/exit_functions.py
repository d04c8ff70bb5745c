"""Functions that are registered for the end, last ones first."""

import atexit


def write(number):
    with open("ends.txt", "a") as file:
        file.write(f"{number}\n")
    print("end", number)


def main(state, channel):
    for number in range(3):
        atexit.register(write, number)
    print("main is over")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
