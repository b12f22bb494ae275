"""`python -m ops.copies.otherwise` notes that another program has just made a good copy."""

import os
from datetime import UTC, datetime
from pathlib import Path

from alerts.integrity import copies as newest

if __name__ == "__main__":
    newest.note(Path(os.environ["DATA_DIR"]), datetime.now(UTC))
