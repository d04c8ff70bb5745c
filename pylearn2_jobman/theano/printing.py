"""``theano.printing``: graphs and values as text."""

__all__ = ["Print", "debugprint", "hex_digest", "min_informative_str", "pp", "pprint"]

import string

from pytensor.printing import Print, debugprint, hex_digest, min_informative_str, pp, pprint

from pylearn2_jobman.theano.fallback import fallback

__getattr__ = fallback(__name__, "pytensor.printing")


class _TagGenerator:
    """Gives ``A``, ``B``, ... to what a printed graph holds."""

    def __init__(self) -> None:
        self.cur_tag_number = 0

    def get_tag(self) -> str:
        """Return the next tag."""
        letters = string.ascii_uppercase
        number, tag = self.cur_tag_number, ""
        while True:
            number, digit = divmod(number, len(letters))
            tag = letters[digit] + tag
            if number == 0:
                break
            number -= 1
        self.cur_tag_number += 1
        return tag
