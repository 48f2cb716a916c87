"""What a team may be called in addresses, whoever makes it: a file, a command or a form."""

import re
from typing import Final

_SLUG: Final = re.compile(r"[-a-zA-Z0-9_]{1,50}", re.ASCII)
# The board of everything has this address.
_TAKEN: Final = frozenset({"all"})
RULE: Final = "letters, digits, - and _, at most 50, and not `all`"


def is_slug(said: str) -> bool:
    """Whether a team may have this name in addresses."""
    return _SLUG.fullmatch(said) is not None and said not in _TAKEN
