"""Pure functions from a history to the messages of one wire."""
