"""All that was said and done on a claim, in one order, ready to show to a seller or to the desk."""

from messaging.thread.entries import Entry, Page, Viewer, entries, with_unread

__all__ = ["Entry", "Page", "Viewer", "entries", "with_unread"]
