"""Another locale for numbers, in which the experiment stays."""

import locale


def main(state, channel):
    locale.setlocale(locale.LC_ALL, "")
    state.results = {"x": 1.5, "text": locale.str(2.5)}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
