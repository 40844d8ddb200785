"""Files from strangers: judged, kept, checked for viruses, decoded apart from the portal, shown and deleted."""
