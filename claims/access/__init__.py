"""The door: the only way from a request to rows of a seller, and the lists that sellers read."""

from claims.access.doors import attachment_of, claim_of, draft_of, own_batch, own_draft, seller_claim, shown_attachment

__all__ = ["attachment_of", "claim_of", "draft_of", "own_batch", "own_draft", "seller_claim", "shown_attachment"]
