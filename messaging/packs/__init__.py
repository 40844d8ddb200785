"""The evidence pack: a claim with its thread, decisions and files, to take away and to check later."""

from messaging.packs.asking import Shown, ask, delete_old, make, of_claim, past, shown, waiting

__all__ = ["Shown", "ask", "delete_old", "make", "of_claim", "past", "shown", "waiting"]
