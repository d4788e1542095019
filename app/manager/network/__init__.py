"""The network manager: host-only networks, NAT networks, their DHCP and port forwarding."""
