"""The Logs tool: reads the logs of a machine."""
