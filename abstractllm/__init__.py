"""LLM sessions over many providers."""
