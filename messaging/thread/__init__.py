"""All that was said and done on a claim, in one order, ready to show to a seller or to the desk."""

from messaging.thread.deliveries import everybodys, own
from messaging.thread.entries import entries, with_unread
from messaging.thread.entry import Deliveries, Delivery, Entry, Page, Viewer

__all__ = ["Deliveries", "Delivery", "Entry", "Page", "Viewer", "entries", "everybodys", "own", "with_unread"]
