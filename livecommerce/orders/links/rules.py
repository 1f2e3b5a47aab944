"""How long a link is good, and how often it is sent again."""

from datetime import timedelta

PURPOSE = "receipt"
"""What the signature is for; it is good for nothing else."""

GOOD_FOR = timedelta(days=180)
"""As long as a guest's cookie, and longer than goods may be returned."""

SENT_AGAIN_AFTER = timedelta(minutes=5)
"""How long a mail with the link must be old before another is sent."""
