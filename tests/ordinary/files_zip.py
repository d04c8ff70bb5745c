"""An archive that nobody closes."""

import zipfile

archives = []


def main(state, channel):
    archive = zipfile.ZipFile("all.zip", "w")
    archive.writestr(zipfile.ZipInfo("a.txt"), "text")
    archives.append(archive)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
