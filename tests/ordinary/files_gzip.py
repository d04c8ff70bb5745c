"""A compressed file that nobody closes."""

import gzip

log = []


def main(state, channel):
    log.append(gzip.GzipFile("log.gz", "wb", mtime=0))
    log[0].write(b"line\n" * 1000)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
