# The ten restrictions of `bench.ten`, as pairs of a server and the restriction that it breaks.
package servers

longest := 255

findings contains [server.name, "ECS-101"] if {
	some server in input.servers
	not fine(object.get(server, "name", "-"), 1)
}

findings contains [server.name, "ECS-103"] if {
	some server in input.servers
	not stated(server, "availabilityZone")
}

findings contains [server.name, "ECS-104"] if {
	some server in input.servers
	boots(server) == image(server)
}

findings contains [server.name, "ECS-104"] if {
	some server in input.servers
	some disk in server.blockDevices
	disk.bootIndex == 0
	disk.sourceType == "blank"
}

findings contains [server.name, "ECS-105"] if {
	some server in input.servers
	not object.get(server, "configDrive", false) in {false, null}
}

findings contains [server.name, "ECS-110"] if {
	some server in input.servers
	stated(server, "keyPair")
	stated(server, "adminPass")
}

findings contains [server.name, "ECS-110"] if {
	some server in input.servers
	not stated(server, "keyPair")
	not stated(server, "adminPass")
	not stated(object.get(server, "metadata", {}), "admin_pass")
}

findings contains [server.name, "ECS-118"] if {
	some server in input.servers
	some key, value in server.metadata
	not entry(key, value)
}

findings contains [server.name, "ECS-203"] if {
	some server in input.servers
	some disk in server.blockDevices
	stated(disk, "guestFormat")
}

findings contains [server.name, "ECS-211"] if {
	some server in input.servers
	some disk in server.blockDevices
	not is_boolean(object.get(disk, "deleteOnTermination", null))
}

findings contains [server.name, "ECS-302"] if {
	some server in input.servers
	some nic in server.networks
	not stated(nic, "port")
	not stated(nic, "uuid")
	not stated(nic, "name")
	not stated(nic, "fixedIpV4")
}

findings contains [server.name, "ECS-303"] if {
	some server in input.servers
	some nic in server.networks
	stated(nic, "fixedIpV4")
	not stated(nic, "uuid")
	not stated(nic, "name")
}

stated(object, key) if not object[key] in {"", null}

fine(text, shortest) if {
	is_string(text)
	count(text) >= shortest
	count(text) <= longest
}

entry(key, value) if {
	fine(key, 1)
	fine(value, 0)
}

default boots(_) := false

boots(server) if {
	some disk in server.blockDevices
	disk.bootIndex == 0
}

default image(_) := false

image(server) if stated(server, "imageId")

image(server) if stated(server, "imageName")
