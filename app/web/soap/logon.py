"""``IWebsessionManager`` and ``IManagedObjectRef``: what the web service adds to the Main API.

The server carries these out itself, as they are about sessions and references; logging on is the
only operation that needs no reference.
"""

from __future__ import annotations

from app.web.soap.machine import Session
from app.web.soap.managed import Managed, operation
from app.web.soap.virtualbox import VirtualBox


class WebsessionManager(Managed, interface="IWebsessionManager"):
    """Begins and ends sessions; ``logon`` is answered before there is a context."""

    @operation("logon")
    async def logon(self, username: str, password: str) -> VirtualBox:
        """Begin a session, which ends as those of the REST interface do."""
        del username, password  # checked by the server, which has made the context then
        return VirtualBox(self.context)

    @operation("getSessionObject")
    async def get_session_object(self, ref_i_virtual_box: VirtualBox) -> Session:
        """The object that locks machines; the same one every time."""
        del ref_i_virtual_box
        return Session.of(self.context)

    @operation("logoff")
    async def logoff(self, ref_i_virtual_box: VirtualBox) -> None:
        """End the session; the server does that when the answer is known."""
        del ref_i_virtual_box


class ManagedObjectRef(Managed, interface="IManagedObjectRef"):
    """Operations of every reference."""

    @operation("getInterfaceName")
    async def get_interface_name(self) -> str:
        """Interface of the object."""
        return self.interface

    @operation("release")
    async def release(self) -> None:
        """Forget the reference."""
        self.context.release(self.context.refer(self))
