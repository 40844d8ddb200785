"""The demo: people, refunds and claims to walk about in. Loaded through the real importers and verbs."""

from safet_portal.demo.load import is_empty, load

__all__ = ["is_empty", "load"]
