"""A command line without arguments."""

import argparse


def main(state, channel):
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    state.results = {"lr": arguments.lr, "files": len(arguments.files)}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
