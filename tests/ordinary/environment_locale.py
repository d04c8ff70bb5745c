"""The locale and the encodings."""

import locale
import sys
import time


def main(state, channel):
    state.results = {
        "preferred": locale.getpreferredencoding(),
        "types": str(locale.setlocale(locale.LC_CTYPE)),
        "numbers": locale.setlocale(locale.LC_NUMERIC),
        "files": sys.getfilesystemencoding(),
        "zone": list(time.tzname),
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
