"""SOAP 1.1 as vboxwebsrv speaks it, for a subset of its operations (docs/web.md lists them).

``managed.py`` has what interfaces are declared with, ``references.py`` the objects that clients
name, ``server.py`` reads and writes envelopes, ``wsdl.py`` describes it all; the other modules are
the interfaces.
"""
