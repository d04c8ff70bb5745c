"""A figure."""

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def main(state, channel):
    pyplot.plot([1, 2, 3])
    pyplot.savefig("curve.png", metadata={"Software": None})
    state.results = {"backend": matplotlib.get_backend().lower()}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
