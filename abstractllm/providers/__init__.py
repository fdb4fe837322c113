"""The providers, one file each, and their registry."""
