"""Finalizers of objects that live until the end."""

import os
import weakref


class Thing:
    def __del__(self, write=os.write):
        write(1, b"deleted\n")


things = []


def main(state, channel):
    things.append(Thing())
    things.append(Thing)
    weakref.finalize(things[0], print, "finalized", flush=True)


if __name__ == "__main__":
    import as_script

    as_script.run(main)
