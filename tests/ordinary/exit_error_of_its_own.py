"""An error with a cause and a note."""


class TrainingError(Exception):
    pass


def main(state, channel):
    try:
        {}["lr"]
    except KeyError as error:
        problem = TrainingError("no learning rate")
        problem.add_note("Set hyper_parameters.lr")
        raise problem from error


if __name__ == "__main__":
    import as_script

    as_script.run(main)
