"""All that was said and done on a claim, in one order, ready to show to a seller or to the desk."""

from messaging.thread.checked_files import CheckedFiles, settled
from messaging.thread.deliveries import everybodys, own
from messaging.thread.entries import entries, with_unread
from messaging.thread.entry import Deliveries, Delivery, Entry, ThreadPage, Viewer
from messaging.thread.redacted_entries import RedactedEntries, removed

__all__ = [
    "CheckedFiles",
    "Deliveries",
    "Delivery",
    "Entry",
    "RedactedEntries",
    "ThreadPage",
    "Viewer",
    "entries",
    "everybodys",
    "own",
    "removed",
    "settled",
    "with_unread",
]
