"""A module beside the script, imported late, and a file beside it."""

import os


def main(state, channel):
    import neighbour

    here = os.path.dirname(os.path.abspath(__file__))
    state.results = {
        "value": neighbour.VALUE,
        "beside": os.path.exists(os.path.join(here, "neighbour.py")),
        "file": os.path.basename(__file__),
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
