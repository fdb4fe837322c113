"""The terminal client: one more editor of the language server."""
