"""One check a restriction. Checkov wraps every value in a list; what begins with `__` or ends with `_line` it adds to objects itself."""

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

LONGEST = 255


def one(fields, key):
    value = fields.get(key)
    return value[0] if isinstance(value, list) and value else None if value == [] else value


def blocks(conf, key):
    return [block for block in conf.get(key) or () if isinstance(block, dict)]


def fine(text, shortest):
    return isinstance(text, str) and shortest <= len(text) <= LONGEST


class Server(BaseResourceCheck):
    """A check of a server. `good` says whether it passes."""

    def __init__(self, number, name, good):
        self.good = good
        super().__init__(
            name=name,
            id=f"CKV_ECS_{number}",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["openstack_compute_instance_v2"],
        )

    def scan_resource_conf(self, conf):
        return CheckResult.PASSED if self.good(conf) else CheckResult.FAILED


def name(conf):
    return one(conf, "name") is None or fine(one(conf, "name"), 1)


def zone(conf):
    return isinstance(one(conf, "availability_zone"), str) and one(conf, "availability_zone") != ""


def boot(conf):
    disks = blocks(conf, "block_device")
    image = bool(one(conf, "image_id") or one(conf, "image_name"))
    if any(one(disk, "boot_index") == 0 and one(disk, "source_type") == "blank" for disk in disks):
        return False
    booting = any(one(disk, "boot_index") == 0 for disk in disks)
    return booting != image


def config_drive(conf):
    return one(conf, "config_drive") in (None, False)


def login(conf):
    key, password = bool(one(conf, "key_pair")), bool(one(conf, "admin_pass"))
    metadata = one(conf, "metadata") or {}
    return not (key and password) and (key or password or bool(one(metadata, "admin_pass")))


def metadata(conf):
    stated = one(conf, "metadata") or {}
    own = {key: one(stated, key) for key in stated if not key.startswith("__") and not key.endswith("_line")}
    return all(fine(key, 1) and fine(value, 0) for key, value in own.items())


def guest_format(conf):
    return all(one(disk, "guest_format") in (None, "") for disk in blocks(conf, "block_device"))


def disk_lifetime(conf):
    return all(isinstance(one(disk, "delete_on_termination"), bool) for disk in blocks(conf, "block_device"))


def nic(conf):
    return all(any(one(nic, key) for key in ("port", "uuid", "name", "fixed_ip_v4")) for nic in blocks(conf, "network"))


def fixed_ip(conf):
    return all(one(nic, "uuid") or one(nic, "name") or not one(nic, "fixed_ip_v4") for nic in blocks(conf, "network"))


Server(101, "The name has 1 to 255 characters", name)
Server(103, "The availability zone is stated", zone)
Server(104, "It boots from an image, or from one device", boot)
Server(105, "There is no config drive", config_drive)
Server(110, "Somebody can log in, and it is clear how", login)
Server(118, "Metadata are strings of at most 255 characters", metadata)
Server(203, "No disk has a guest format", guest_format)
Server(211, "Each disk says whether it outlives its server", disk_lifetime)
Server(302, "Each NIC names a port or a network", nic)
Server(303, "A fixed IP has its network", fixed_ip)
