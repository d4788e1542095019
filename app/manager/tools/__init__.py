"""Declarations of the tools, one module each; see :mod:`app.manager.tool`."""
