"""What multiprocessing says of this process."""

import multiprocessing
import multiprocessing.util


def main(state, channel):
    process = multiprocessing.current_process()
    child = multiprocessing.get_context("fork").Process(target=print, args=("child",))
    state.results = {
        "name": process.name,
        "daemon": process.daemon,
        "parent": str(multiprocessing.parent_process()),
        "children": len(multiprocessing.active_children()),
        "child": child.name,
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
