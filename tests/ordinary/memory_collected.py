"""Without the collector, and with circles."""

import gc
import weakref


class Node:
    pass


def main(state, channel):
    gc.disable()
    node = Node()
    node.me = node
    gone = weakref.ref(node)
    del node
    state.results = {"before": gone() is None, "frozen": 0}
    gc.collect()
    state.results.after = gone() is None


if __name__ == "__main__":
    import as_script

    as_script.run(main)
