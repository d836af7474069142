"""Neutron v2.0: networks, subnets, ports with addresses, security groups, routers, floating IPs."""
