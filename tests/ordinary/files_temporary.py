"""Temporary files and directories that go with the process."""

import os
import tempfile

kept = []


def main(state, channel):
    kept.append(tempfile.TemporaryDirectory(dir="."))
    kept.append(tempfile.NamedTemporaryFile(dir="."))
    with open(os.path.join(kept[0].name, "inside"), "w") as file:
        file.write("x")
    state.results = {"n": len(os.listdir(kept[0].name))}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
