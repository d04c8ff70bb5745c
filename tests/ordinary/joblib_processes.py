"""joblib's processes."""

import joblib


def square(x):
    return x * x


def main(state, channel):
    state.results = {
        "squares": joblib.Parallel(n_jobs=2)(joblib.delayed(square)(x) for x in range(4))
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
