from tests.app.service.fixtures import client, home, make_machine, service, vm_processes

__all__ = ["client", "home", "make_machine", "service", "vm_processes"]
