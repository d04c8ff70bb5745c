"""Built-in functions that are replaced, and not put back."""

import builtins


def main(state, channel):
    def refuse(*arguments, **options):
        raise PermissionError("no")

    print("before", flush=True)
    state.results = {"y": 1}
    builtins.print = refuse


if __name__ == "__main__":
    import as_script

    as_script.run(main)
