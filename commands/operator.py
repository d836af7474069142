"""`ecs operator`: manifests for the Pulumi Kubernetes Operator, one Stack for each cell, with the gate as a step before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

import typer
import yaml

from commands.environment import default_stack
from commands.failure import Failure
from commands.fleet import stacks_of

app = typer.Typer(add_completion=False)

SOURCE = "/share/workspace"
"""Where the operator puts the project, in every container of a workspace."""

CACHE = "/share/ecs-cache"
NAMESPACE = "ecs-stacks"
SECRET = "ecs-stacks"  # noqa: S105 - the name of one
_NAME = re.compile(r"[^a-z0-9]+")

GATE = (
    "make setup",
    ".venv/bin/ecs cells --stack {environment} --write",
    ".venv/bin/ecs gate --stack {stack}",
    '.venv/bin/ecs env --dotenv {stack} > "$PULUMI_ENV"',
)
"""What runs before the engine does, in every new workspace: the operator makes one for each commit."""

CLOUDS = "/etc/openstack/clouds.yaml"


@dataclass(frozen=True, slots=True)
class Where:
    """What a cluster has to know beside the stack."""

    repository: str
    branch: str
    backend: str
    """Empty where it comes from the Secret."""

    image: str


@app.command()
def operator(
    stack: Annotated[
        str, typer.Option("--stack", "-s", help="The environment; ECS_STACK or `sandbox` by default.")
    ] = "",
    repository: Annotated[
        str, typer.Option("--repository", help="The project's address for git, as the cluster reaches it.")
    ] = "https://git.example.org/team/ecs-stacks.git",
    branch: Annotated[str, typer.Option("--branch", help="The branch that is deployed.")] = "main",
    backend: Annotated[
        str,
        typer.Option(
            "--backend", help="Where the state is: an s3:// address; one with a password belongs into the Secret."
        ),
    ] = "",
    image: Annotated[
        str, typer.Option("--image", help="An image with Python 3.11 or later, make, git and the Pulumi CLI.")
    ] = "docker.io/pulumi/pulumi-python-3.11:3.253.0",
) -> None:
    """Print the manifests of an environment: `ecs operator --stack prod > prod.yaml`, to be applied with kubectl or by GitOps.

    Each Stack has a pre-step that sets the project up, runs `ecs gate`, and stops everything where the gate refuses; after it the operator
    runs the engine with the policy pack. Credentials come from the Secret `ecs-stacks` in the same namespace: `clouds.yaml`, `passphrase`,
    and, where the address of the state holds a password, `backend`.
    """
    if "@" in backend:
        raise Failure(
            "--backend: holds a password, and a manifest is no place for one. Put it into the Secret as `backend`.", 2
        )
    environment = stack or default_stack()
    where = Where(repository, branch, backend, image)
    documents = [manifest(environment, one, where) for one in stacks_of(environment)]
    typer.echo(yaml.safe_dump_all(documents, sort_keys=False, width=120), nl=False)


def manifest(environment: str, stack: str, where: Where) -> dict[str, Any]:
    """One Stack. Its name is the stack's, as a cluster spells names: `prod.a` is `prod-a`."""
    return {
        "apiVersion": "pulumi.com/v1",
        "kind": "Stack",
        "metadata": {"name": _NAME.sub("-", stack.lower()).strip("-"), "namespace": NAMESPACE},
        "spec": {
            "stack": f"organization/ecs-stacks/{stack}",
            "projectRepo": where.repository,
            "branch": where.branch,
            "refresh": True,
            "continueResyncOnCommitMatch": True,
            "resyncFrequencySeconds": 3600,
            "retryOnUpdateConflict": True,
            # A new workspace for each update, so that the gate is asked before each.
            "workspaceReclaimPolicy": "Delete",
            "workspaceTemplate": {
                "spec": {
                    "image": where.image,
                    "env": _variables(where.backend),
                    "resources": {"requests": {"memory": "1Gi", "cpu": "500m"}, "limits": {"memory": "2Gi"}},
                    "podTemplate": {
                        "spec": {
                            "initContainers": [_gate(environment, stack, where)],
                            "containers": [{"name": "pulumi", "volumeMounts": _mounts(share=False)}],
                            "volumes": [{"name": "ecs-stacks", "secret": {"secretName": SECRET, "defaultMode": 0o400}}],
                        }
                    },
                }
            },
        },
    }


def _gate(environment: str, stack: str, where: Where) -> dict[str, Any]:
    lines = [line.format(environment=environment, stack=stack) for line in GATE]
    return {
        "name": "gate",
        "image": where.image,
        "workingDir": SOURCE,
        "command": ["bash", "-euc", "\n".join(lines)],
        "env": _variables(where.backend),
        "resources": {"requests": {"memory": "1Gi", "cpu": "500m"}, "limits": {"memory": "2Gi"}},
        "volumeMounts": _mounts(share=True),
    }


def _mounts(*, share: bool) -> list[dict[str, Any]]:
    secrets = {"name": "ecs-stacks", "mountPath": "/etc/openstack", "readOnly": True}
    return [{"name": "share", "mountPath": "/share"}, secrets] if share else [secrets]


def _variables(backend: str) -> list[dict[str, Any]]:
    where: dict[str, Any] = {"name": "PULUMI_BACKEND_URL"}
    if backend:
        where["value"] = backend
    else:
        where["valueFrom"] = {"secretKeyRef": {"name": SECRET, "key": "backend"}}
    return [
        where,
        {"name": "PULUMI_CONFIG_PASSPHRASE_FILE", "value": "/etc/openstack/passphrase"},
        {"name": "OS_CLIENT_CONFIG_FILE", "value": CLOUDS},
        {"name": "ECS_CACHE_DIR", "value": CACHE},
    ]
