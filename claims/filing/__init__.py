"""From an order to a filed claim: steps, drafts, and many at once."""
