"""Host side of network adapters: what their cables are plugged into.

The driver ``NAT`` gives the guest a private network with a router that is this very process: it
needs no privileges, because it ends the guest's TCP connections and UDP exchanges itself and
carries their contents over ordinary sockets of the host.

Its node is that of any driver: ``LUN#0/Driver = "NAT"``, settings in ``LUN#0/Config``, all of which
may be left out:

=====================  =======  =====================  ==========================================
key                    type     default                meaning
=====================  =======  =====================  ==========================================
Adapter                integer  0                      number of the adapter, 0..31; decides the
                                                       network when ``Network`` is empty
Network                string   10.0.(Adapter+2).0/24  network of the guest; prefix 8..27 bits
BindIP                 string   (any)                  address of the host from which connections
                                                       come and at which forwards without an
                                                       address of their own listen
LocalhostReachable     boolean  false                  10.0.2.2 leads to the host's loopback
Forwards               string   (none)                 one rule a line, as ``natpf`` takes it:
                                                       name,tcp|udp,hostip,hostport,guestip,
                                                       guestport; either address may be empty
PassDomain             boolean  true                   DHCP tells the domain of the host
NextServer             string   x.x.x.4                where the guest boots from (DHCP siaddr)
BootFile               string   (none)                 what it boots (DHCP file)
TFTPPrefix             string   (none)                 folder that the TFTP server at x.x.x.4
                                                       offers, reading only; none: no server
SocketReceiveBuffer    integer  0                      KiB, of the host's sockets; 0: the host's
SocketSendBuffer       integer  0                      KiB, of the host's sockets; 0: the host's
MaxConnections         integer  1024                   TCP connections at a time, 1..65536
=====================  =======  =====================  ==========================================

In the network, .2 is the router (and the host's loopback), .3 the name server, .4 the TFTP server,
and the first machine that asks by DHCP gets .15. What is made from the node is
`engine.net.nat.Nat`, which also has the operations for a running machine: ``add_forward``,
``remove_forward``, ``forwards``, ``activity``, ``statistics``.

The driver ``IntNet`` plugs the cable into the switch of a network of machines. It is a process of
its own (`engine.net.hub`), which the first member starts:

=====================  =======  =====================  ==========================================
key                    type     default                meaning
=====================  =======  =====================  ==========================================
Socket                 string                          path of the network's Unix socket
MAC                    string   (none)                 address of the adapter; none: learnt from
                                                       its first frame
IfPolicyPromisc        string   Deny                   frames of others that the guest may see:
                                                       Deny, AllowNetwork (those between
                                                       machines), AllowAll (the host's too)
=====================  =======  =====================  ==========================================

The driver ``UDPTunnel`` sends each frame in a datagram, and takes datagrams of its peer alone:

=====================  =======  =====================  ==========================================
sport                  string                          port of this host
dest                   string                          name or address of the other end
dport                  string                          its port
=====================  =======  =====================  ==========================================

The driver ``QEMUStream`` connects to a server that speaks as QEMU's ``-netdev stream`` does, and
connects again when it has gone:

=====================  =======  =====================  ==========================================
path                   string   (none)                 path of its Unix socket
dest                   string   (none)                 or name or address of its host
dport                  string   (none)                 and its TCP port
=====================  =======  =====================  ==========================================

The driver ``Bridged`` plugs the cable into the host's own network, by a TAP interface (Linux):

=====================  =======  =====================  ==========================================
key                    type     default                meaning
=====================  =======  =====================  ==========================================
Interface              string                          a bridge, an interface in a bridge, or a
                                                       TAP interface
=====================  =======  =====================  ==========================================

With each driver, ``Capture`` names a file into which all frames are written (pcap).
"""
