"""The files of a workspace, as the user sees them: open buffers win over the disk."""
