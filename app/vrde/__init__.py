"""Remote display (VRDE): shows a machine's screen to clients on the network, and takes their input.

The server of this package speaks RFB 3.8, the protocol of VNC (RFC 6143 and "The RFB Protocol" of
the community, https://github.com/rfbproto/rfbproto); :mod:`app.vrde.module` is the interface for
servers of other protocols. docs/vrde.md tells what a client can expect.
"""
