"""`python -m ops.copies.otherwise`: a good copy was made just now, by other means than ours."""

import os
from datetime import UTC, datetime
from pathlib import Path

from alerts.integrity import copies as newest

if __name__ == "__main__":
    newest.note(Path(os.environ["DATA_DIR"]), datetime.now(UTC))
