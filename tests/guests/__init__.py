"""Real operating systems and boot loaders on the whole virtual machine.

The modules are named so that the cheap ones come first; one boot serves several assertions.
"""
