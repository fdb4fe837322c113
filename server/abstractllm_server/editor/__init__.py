"""What only the editor can do: ask its user, change its buffers, look things up."""
