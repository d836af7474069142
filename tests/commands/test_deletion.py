"""Whose cloud `ecs down` asks: each resource's own provider, and for one of ours that is told nothing the stack's settings."""

from __future__ import annotations

from typing import Any

from commands.deletion import _gone, _Providers
from policy.facts.members import Provider
from policy.facts.previous import Kept, parsed

DISK = "openstack:blockstorage/volume:Volume"
OPENSTACK = "urn:pulumi:dev::p::pulumi:providers:openstack::default"
OURS = "urn:pulumi:dev::p::pulumi:providers:ecs::default"


def exported(provider: str, token: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    resource = {
        "urn": f"urn:pulumi:dev::p::{token}::web", "type": token, "custom": True, "id": "x", "provider": f"{provider}::p-1",
        **more,
    }  # fmt: skip
    return {"deployment": {"resources": [{"urn": provider, "type": "pulumi:providers:x", "inputs": inputs}, resource]}}


def asked(found: dict[str, Any]) -> tuple[Provider | None, int]:
    """The provider of the one resource, and how often the stack's settings were read."""
    reads = 0

    def config() -> dict[str, object]:
        nonlocal reads
        reads += 1
        return {"cloud": "of-the-stack"}

    (kept,) = (one for one in parsed(found) if one.id == "x")
    providers = _Providers(found, config)
    assert providers.of(kept) == providers.of(kept)
    return providers.of(kept), reads


def test_a_providers_own_settings_count_and_secret_ones_are_left_out() -> None:
    found = exported(OPENSTACK, DISK, {"cloud": "own", "insecure": True, "password": {"ciphertext": "v1:x"}})
    assert asked(found) == (Provider(OPENSTACK, {"cloud": "own", "insecure": True}), 0)


def test_a_provider_of_ours_that_is_told_nothing_goes_by_the_stack() -> None:
    provider, reads = asked(exported(OURS, "ecs:compute:Server", {"pollSeconds": "2"}))
    assert provider is not None
    assert (provider.settings, reads) == ({"cloud": "of-the-stack"}, 1)
    own, none = asked(exported(OURS, "ecs:compute:Server", {"cloud": "own"}))
    assert own is not None
    assert (own.settings, none) == ({"cloud": "own"}, 0)


def test_a_provider_that_the_state_does_not_tell() -> None:
    found = exported(OPENSTACK, DISK, {})
    found["deployment"]["resources"][1]["provider"] = ""
    assert asked(found) == (None, 0)


def test_what_is_deleted_with_a_resource() -> None:
    def gone(token: str, **more: Any) -> list[str]:
        found = exported(OPENSTACK, token, {}, **more)
        return [one.id for kept in parsed(found) for one in _gone(kept)]

    outputs = {
        "disks": [{"name": "d", "delete_on_termination": True}, {"name": "k", "delete_on_termination": False}],
        "boot": {"source_type": "image", "delete_on_termination": True},
        "volumes": [
            {"name": "boot", "id": "b", "made": False}, {"name": "d", "id": "d", "made": True},
            {"name": "k", "id": "k", "made": True},
        ],
    }  # fmt: skip
    assert gone("ecs:compute:Server", outputs=outputs) == ["b", "d"]
    assert gone("ecs:compute:Server", outputs=outputs, retainOnDelete=True) == []
    assert gone(DISK) == ["x"]
    assert gone(DISK, retainOnDelete=True) == []
    assert gone("openstack:networking/port:Port") == []
    assert list(_gone(Kept("a::b", "ecs:compute:ServerBatch", "x", retained=False))) == []
