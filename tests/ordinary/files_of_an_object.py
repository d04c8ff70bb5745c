"""A file in an object that refers to itself."""


class Recorder:
    def __init__(self):
        self.me = self
        self.file = open("records.txt", "w", encoding="utf-8")

    def record(self, text):
        self.file.write(text)


recorder = None


def main(state, channel):
    global recorder
    recorder = Recorder()
    recorder.record("Zürich\n")


if __name__ == "__main__":
    import as_script

    as_script.run(main)
