"""Resources and version of an installed package."""

import importlib.metadata
import importlib.resources


def main(state, channel):
    state.results = {
        "numpy": importlib.metadata.version("numpy"),
        "typed": importlib.resources.files("pylearn2_jobman").joinpath("py.typed").is_file(),
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
