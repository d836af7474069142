"""Keystone v3: tokens, the catalog, the one project and its user."""
