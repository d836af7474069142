# The servers of bench/servers, as many as `servers` says. `count` is the fastest form: `for_each` took five times as long at 1,000, and as
# many blocks the same.
terraform {
  required_providers {
    openstack = { source = "terraform-provider-openstack/openstack" }
  }
}

variable "servers" {
  type = number
}

provider "openstack" {
  cloud = "sandbox"
}

resource "openstack_compute_instance_v2" "web" {
  count             = var.servers
  name              = format("web-%05d", count.index)
  flavor_id         = "s3.medium"
  image_id          = "24040000-0000-4000-8000-000000000001"
  availability_zone = "az1-dc1"
  key_pair          = "test"
  metadata          = { tier = "web" }

  network {
    uuid = "51bead38-d1a3-4d08-be20-0970c24b7cab"
  }
}
