"""`python -m congress.cli.cluster`."""

import sys

from congress.cli.cluster import main

if __name__ == "__main__":
    sys.exit(main())
