"""Processes that import the script again."""

import multiprocessing

print("imported", flush=True)


def square(x):
    return x * x


def main(state, channel):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        state.results = {"squares": pool.map(square, range(3))}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
