from tests.app.service.fixtures import client, hasty, home, make_machine, service, vm_processes

__all__ = ["client", "hasty", "home", "make_machine", "service", "vm_processes"]
