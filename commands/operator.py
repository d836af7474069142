"""`ecs operator`: manifests for the Pulumi Kubernetes Operator, one Stack for each cell, with the gate as a step before it."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Any

import typer
import yaml

from commands.environment import default_stack, known_stack
from commands.failure import Failure
from commands.fleet import stacks_of
from commands.places import environment_of
from takeover.store import without_password
from toolchain.pins import PULUMI

app = typer.Typer(add_completion=False)

SOURCE = "/share/workspace"
"""Where the operator puts the project, in every container of a workspace."""

CACHE = "/share/ecs-cache"
NAMESPACE = "ecs-stacks"
ACCOUNT = "ecs-stacks"
"""The service account: `deploy/operator/setup.yaml` gives it what the operator's agent needs."""

USER = 1000
"""Who runs in a workspace of the operator's `restricted` profile, which is its default."""

_NAME = re.compile(r"[^a-z0-9-]+")
LONGEST = 34
"""A label of 63 characters holds the name, `-by-hand`, `-workspace` and the hash of a revision."""


GATE = (
    "make setup",
    ".venv/bin/ecs cells --stack {environment} --write",
    ".venv/bin/ecs gate --stack {stack} --refresh",
    ".venv/bin/ecs refresh --stack {stack} --wait 10m",
    '.venv/bin/ecs env --dotenv {stack} > "$PULUMI_ENV"',
)
"""What runs before the engine does, in every new workspace: the operator makes one for each commit and each look at the cloud.

The refresh also takes over what a pod that was killed has left: its lock, and what it had begun. The operator's agent, which runs the
engine by itself, would only find it locked. The last line hands the engine's environment over, the policy pack among it: the agent reads
the file before it runs anything.
"""

BY_HAND = (GATE[0], GATE[1], GATE[-1])
"""The same without gate and refresh, which whoever works there asks as needed."""

CLOUDS = "/etc/openstack/clouds.yaml"
RESOURCES = {"requests": {"memory": "1Gi", "cpu": "500m"}, "limits": {"memory": "2Gi"}}
BUCKET = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@dataclass(frozen=True, slots=True)
class Where:
    """What a cluster has to know beside the stack."""

    repository: str
    branch: str
    backend: str
    """Empty where it comes from the Secret."""

    image: str
    private: bool
    """Whether git wants a token."""


@app.command()
def operator(
    *,
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
        str,
        typer.Option("--image", help="An image with Python 3.11 or later, make and this Pulumi CLI, for user 1000."),
    ] = f"docker.io/pulumi/pulumi:{PULUMI}-nonroot",
    private: Annotated[
        bool, typer.Option("--private", help="The repository wants a token, which is in the Secret as `git-token`.")
    ] = False,
    by_hand: Annotated[
        bool,
        typer.Option(
            "--workspace", help="A Workspace instead: a terminal in the cluster, in which nothing runs by itself."
        ),
    ] = False,
) -> None:
    """Print the manifests of an environment: `ecs operator --stack prod > prod.yaml`, to be applied with kubectl or by GitOps.

    Each Stack has a pre-step that sets the project up, runs `ecs gate`, and stops everything where the gate refuses; after it the operator
    runs the engine with the policy pack. Credentials come from a Secret, `ecs-stacks-<environment>`: `clouds.yaml`, `passphrase`,
    `backend` where --backend is not given, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for a state in S3: deploy/operator/README.md.

    Exit codes: 0 done; 2 usage.
    """
    if without_password(backend)[1] is not None:
        raise Failure(
            "--backend: holds a password, and a manifest is no place for one. Put it into the Secret as `backend`.", 2
        )
    stack = stack or default_stack()
    where = Where(repository, branch, backend, image, private)
    stacks = [known_stack(stack)] if environment_of(stack) != stack else stacks_of(stack)
    made = workspace if by_hand else manifest
    documents = [made(one, where) for one in stacks]
    typer.echo(yaml.dump_all(documents, Dumper=_Lines, sort_keys=False, width=120), nl=False)


class _Lines(yaml.SafeDumper):
    """Writes a text of several lines as lines, for whoever reviews the manifest."""


def _lines(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Lines.add_representer(str, _lines)


def manifest(stack: str, where: Where) -> dict[str, Any]:
    """One Stack. Its name is the stack's, as a cluster spells names: `prod.a` is `prod--a`. Raises `Failure` (2) for one too long."""
    token = {"name": _secret(stack), "key": "git-token"}
    return {
        "apiVersion": "pulumi.com/v1",
        "kind": "Stack",
        "metadata": {"name": _named(stack), "namespace": NAMESPACE},
        "spec": {
            "stack": f"organization/ecs-stacks/{stack}",
            "projectRepo": where.repository,
            "branch": where.branch,
            **({"gitAuth": {"accessToken": {"type": "Secret", "secret": token}}} if where.private else {}),
            "refresh": True,
            "continueResyncOnCommitMatch": True,
            "resyncFrequencySeconds": 3600,
            "retryOnUpdateConflict": True,
            # A new workspace for each update, so that the gate is asked before each.
            "workspaceReclaimPolicy": "Delete",
            "workspaceTemplate": {
                "spec": _workspace(stack, where, GATE),
            },
        },
    }


def workspace(stack: str, where: Where) -> dict[str, Any]:
    """A Workspace: a terminal in the cluster, set up as for the stack, in which nothing runs by itself."""
    auth = {"auth": {"token": {"name": _secret(stack), "key": "git-token"}}} if where.private else {}
    spec = {"git": {"url": where.repository, "ref": where.branch, **auth}, **_workspace(stack, where, BY_HAND)}
    return {
        "apiVersion": "auto.pulumi.com/v1alpha1",
        "kind": "Workspace",
        "metadata": {"name": f"{_named(stack)}-by-hand", "namespace": NAMESPACE},
        "spec": spec,
    }


def _named(stack: str) -> str:
    """How a cluster spells a stack; raises `Failure` (2) for a name that is too long."""
    name = _NAME.sub("-", stack.lower().replace(".", "--")).strip("-")
    if len(name) > LONGEST:
        raise Failure(f"{stack}: is too long a name for a cluster: {name!r} has more than {LONGEST} characters.", 2)
    return name


def _secret(stack: str) -> str:
    """The Secret of a stack's environment: nobody who deploys one has the passphrase of another."""
    return f"ecs-stacks-{_named(environment_of(stack))}"


def _workspace(stack: str, where: Where, steps: tuple[str, ...]) -> dict[str, Any]:
    return {
        "image": where.image,
        "securityProfile": "restricted",
        "serviceAccountName": ACCOUNT,
        "env": _variables(stack, where.backend),
        "resources": deepcopy(RESOURCES),
        "podTemplate": {
            "spec": {
                # A mounted Secret is root's; its group is this one.
                "securityContext": {"fsGroup": USER},
                "initContainers": [_before(stack, where, steps)],
                "containers": [{"name": "pulumi", "volumeMounts": _mounts(share=False)}],
                "volumes": [{"name": "ecs-stacks", "secret": {"secretName": _secret(stack), "defaultMode": 0o440}}],
            }
        },
    }


def _before(stack: str, where: Where, steps: tuple[str, ...]) -> dict[str, Any]:
    lines = [line.format(environment=environment_of(stack), stack=stack) for line in steps]
    return {
        "name": "gate" if steps is GATE else "setup",
        "image": where.image,
        "workingDir": SOURCE,
        "command": ["bash", "-euc", "\n".join(lines)],
        "env": _variables(stack, where.backend),
        "resources": deepcopy(RESOURCES),
        # The operator hardens its own containers only.
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": _mounts(share=True),
    }


def _mounts(*, share: bool) -> list[dict[str, Any]]:
    secrets = {"name": "ecs-stacks", "mountPath": "/etc/openstack", "readOnly": True}
    return [{"name": "share", "mountPath": "/share"}, secrets] if share else [secrets]


def _variables(stack: str, backend: str) -> list[dict[str, Any]]:
    where: dict[str, Any] = {"name": "PULUMI_BACKEND_URL"}
    if backend:
        where["value"] = backend
    else:
        where["valueFrom"] = {"secretKeyRef": {"name": _secret(stack), "key": "backend"}}
    return [
        where,
        *(
            {"name": name, "valueFrom": {"secretKeyRef": {"name": _secret(stack), "key": name, "optional": True}}}
            for name in BUCKET
        ),
        {"name": "PULUMI_CONFIG_PASSPHRASE_FILE", "value": "/etc/openstack/passphrase"},
        {"name": "OS_CLIENT_CONFIG_FILE", "value": CLOUDS},
        {"name": "ECS_CACHE_DIR", "value": CACHE},
        # The operator runs `pulumi install`, which would look for newer versions than the project's.
        {"name": "PIP_CONSTRAINT", "value": f"{SOURCE}/constraints.txt"},
    ]
