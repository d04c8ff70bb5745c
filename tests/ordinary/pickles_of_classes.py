"""Objects of classes of the script, into a file and back."""

import pickle


class Model:
    def __init__(self, size):
        self.size = size


class Best(Model):
    def __reduce__(self):
        return Best, (self.size,)


def main(state, channel):
    with open("model.pkl", "wb") as file:
        pickle.dump([Model(3), Best(4)], file)
    with open("model.pkl", "rb") as file:
        models = pickle.load(file)
    state.results = {"sizes": [model.size for model in models], "same": type(models[0]) is Model}
    import os

    os.remove("model.pkl")  # it holds the module's name


if __name__ == "__main__":
    import as_script

    as_script.run(main)
