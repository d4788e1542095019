"""The service: the one process that owns settings files, registry, locks and states.

Threads
    *main* accepts connections and decides when to leave. Each client has a *reader*, which checks
    and runs its calls in order, and a *writer* (see :class:`app.api.transport.Channel`). A call
    whose handler is declared with ``Style.WORKER`` runs on a thread of its own, so that neither
    its client nor anybody else waits for it. One thread waits for each VM process to end, one
    keeps deadlines.

Locks, in the order in which they may be taken
    1. ``Registry.lock``: which machines there are, names, the global settings file.
    2. ``Machine.lock``: everything of one machine, its settings file included. Those of two
       machines are taken only with the lock of the registry.
    3. inner locks of channels, the event hub and the session records; nothing is called with them.

    Nobody waits for a client, a VM process or a worker process while holding a lock. What clients
    list, ``Machine.info``, is an immutable value that is read without any lock.
"""
