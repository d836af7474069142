"""Dedicated Hosts (DeHs): whole hosts that one project has for itself, as the document's `tenancy` hint speaks of them."""
