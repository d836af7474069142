"""`KeyPair`: a public key to log in with (Table 3, key_name)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import pulumi
from pulumi_openstack import compute
from pydantic import AfterValidator

from components.accepted import accepted
from components.inputs import Args, Later, refuse


def _public(value: str) -> str:
    if "PRIVATE KEY" in value:
        raise refuse(None, "is a private key", "Give the public one, and treat this one as exposed")
    if not re.match(r"(ssh-|ecdsa-|sk-)\S+ \S+", value):
        raise refuse(None, "is not an OpenSSH public key", "Give one line such as `ssh-ed25519 AAAA... name`")
    return value.strip()


class KeyPairArgs(Args):
    """A key pair of which the cloud knows the public half only."""

    public_key: Later[Annotated[str, AfterValidator(_public)]]
    """In OpenSSH's form. The cloud never makes the pair here: its private key would stand in the state."""

    name: Later[str] | None = None
    """By default the resource's name."""


class KeyPair(pulumi.ComponentResource):
    """A key pair. Raises `ArgumentError` before anything is registered."""

    key_name: pulumi.Output[str]
    """Its name, for `ServerArgs.key_name`."""

    def __init__(
        self, name: str, args: KeyPairArgs | Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = accepted(KeyPairArgs, args, f"key pair {name!r}")
        label = name if args.name is None else args.name
        super().__init__("ecs:index:KeyPair", name, {"name": label, "public_key": args.public_key}, opts)
        ours = pulumi.ResourceOptions(parent=self)
        self.key_name = compute.Keypair(name, name=label, public_key=args.public_key, opts=ours).name
        self.register_outputs({"key_name": self.key_name})
