"""The start method is the platform's, and may be chosen."""

import multiprocessing


def main(state, channel):
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("spawn")
    state.results = {"before": str(before), "after": multiprocessing.get_start_method()}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
