"""The language server: it knows LSP and asks the library."""
