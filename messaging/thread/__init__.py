"""All that was said and done on a claim, in one order, ready to show to a seller or to the desk."""

from messaging.thread.checked_files import Settled, settled
from messaging.thread.deliveries import everybodys, own
from messaging.thread.entries import entries, with_unread
from messaging.thread.entry import Deliveries, Delivery, Entry, Page, Viewer
from messaging.thread.redacted_entries import Removed, removed

__all__ = [
    "Deliveries",
    "Delivery",
    "Entry",
    "Page",
    "Removed",
    "Settled",
    "Viewer",
    "entries",
    "everybodys",
    "own",
    "removed",
    "settled",
    "with_unread",
]
