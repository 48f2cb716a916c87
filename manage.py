"""Run any command from a checkout."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # At position 1, not 0: the folder `platform` must never hide the standard library's module of that name.
    sys.path.insert(1, str(Path(__file__).resolve().parent / "platform"))
    from plimsoll.__main__ import main

    sys.exit(main())
