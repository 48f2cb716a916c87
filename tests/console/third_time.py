"""A part that succeeds the third time; each try leaves a file in the folder it is given."""

import sys
import tempfile
from pathlib import Path

tempfile.mkstemp(dir=sys.argv[1])
sys.exit(0 if len(list(Path(sys.argv[1]).iterdir())) >= 3 else 1)
