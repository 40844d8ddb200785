"""Looking at the portal as a seller sees it."""
