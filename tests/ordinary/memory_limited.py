"""Less memory than there is."""

import resource


def main(state, channel):
    limit = 2**31
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        bytearray(2**32)
    except MemoryError:
        state.results = {"caught": True}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
