"""Directories, links and modes."""

import os


def main(state, channel):
    os.makedirs("a/b")
    with open("a/b/file", "w") as file:
        file.write("text")
    os.symlink("a/b/file", "link")
    os.chmod("a/b/file", 0o640)
    state.results = {"mode": oct(os.stat("link").st_mode)}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
