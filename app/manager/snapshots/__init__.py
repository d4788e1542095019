"""The Snapshots tool: states of a machine to come back to."""
