"""Too deep a recursion."""


def fall(depth):
    return fall(depth + 1)


def main(state, channel):
    try:
        fall(0)
    except RecursionError:
        state.results = {"caught": True}
    raise RecursionError("again")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
