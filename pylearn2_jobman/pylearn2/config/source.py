"""A YAML text, where things stand in it, and what is wrong with it."""

__all__ = ["Source"]

import yaml

from pylearn2_jobman.errors import ConfigError, JobmanError
from pylearn2_jobman.rendering.template import MOST_PROBLEMS


class Source:
    """A YAML text and the problems found in it so far.

    Parameters
    ----------
    text
        The text.
    name
        Of its file; empty where there is none.
    """

    def __init__(self, text: str, name: str = "") -> None:
        self.text = text
        self.name = name
        self.problems: list[JobmanError] = []

    def of(self, node: yaml.Node) -> str:
        """Return a node's text, which stands by itself."""
        text = self.text[node.start_mark.index : node.end_mark.index]
        if "*" not in text:
            return text
        # An alias may point outside of this part; written anew, the part stands by itself.
        written: str = yaml.serialize(node, Dumper=getattr(yaml, "CDumper", yaml.Dumper))
        return written

    def where(self, mark: yaml.Mark) -> str:
        """Return a place for a note: ``(mlp.yaml, line 3, column 5)``."""
        source = f"{self.name}, " if self.name else ""
        return f"({source}line {mark.line + 1}, column {mark.column + 1})"

    def problem(self, message: str, node: yaml.Node, kind: type[JobmanError] = ConfigError) -> None:
        """Note what is wrong with a node, to be raised together with the rest, if they are few."""
        self.problems.append(self.located(message, node.start_mark, kind))
        if len(self.problems) == MOST_PROBLEMS:
            self.raise_problems()

    def located(
        self, message: str, mark: yaml.Mark | None, kind: type[JobmanError] = ConfigError
    ) -> JobmanError:
        """Return an error that shows the place in the text."""
        if mark is None:
            return kind(message)
        lines = self.text.splitlines()
        line = lines[mark.line] if mark.line < len(lines) else ""
        # A window on the line, since rendered YAML has long ones.
        start = max(0, mark.column - 60)
        shown = line[start : start + 100]
        caret = " " * (mark.column - start) + "^"
        where = self.where(mark)[1:-1]
        return kind(f"{where}: {message}\n    {shown}\n    {caret}")

    def raise_problems(self) -> None:
        """Raise all problems as one error, if there are any."""
        if not self.problems:
            return
        if len(self.problems) == 1:
            raise self.problems[0]
        kinds = {type(problem) for problem in self.problems}
        kind = kinds.pop() if len(kinds) == 1 else ConfigError
        raise kind("\n".join(str(problem) for problem in self.problems))
