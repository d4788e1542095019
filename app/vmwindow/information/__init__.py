"""The session information: what the machine is made of, and what it does right now."""
