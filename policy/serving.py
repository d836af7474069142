"""The pack as the engine talks to it: the SDK's own analyzer, in which all rules share one reading of a resource.

The SDK's servicer decodes a resource once a policy, fifty times for each server and each port; here it is decoded once, and only where
a rule or a fact needs it. Names, levels, configuration and diagnostics are the SDK's. It is private there, so the SDK is pinned.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent import futures
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import EnforcementLevel, Policy
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.policy import _PolicyAnalyzerServicer
from pulumi_policy.proxy import unknown_checking_proxy

from cloud.connect import READ
from cloud.connect import load as load_client
from policy import options
from policy.exemptions import FILE, Exemptions, Run, load
from policy.facts.cloud import SECONDS, Clouds, Reader
from policy.facts.facts import Phase
from policy.facts.members import Member, Provider
from policy.facts.previous import Previous, of_this_stack
from policy.forms import FORMS
from policy.judge import CLOUD, UNDETERMINED, Judge, Said, watched
from policy.pack import EXEMPTED, NAME, Resources, Stacks, phase
from policy.reading import plain
from policy.rule import StackRule, WholeRule
from policy.trail import TRAIL, Trail
from policy.unknown import UNKNOWN

_VERSION = "0.0.1"
_DAY = 86_400
_LARGEST = 400 * 1024 * 1024
_SHOWN = ("flavorName", "flavorId", "flavorRef")


class Servicer(_PolicyAnalyzerServicer):
    """The analyzer of one run. `reader`, `previous` and `exemptions` are the real ones unless a test gives others."""

    def __init__(
        self,
        policies: Sequence[Policy],
        *,
        reader: Reader | None = None,
        previous: Previous | None = None,
        exemptions: Exemptions | None = None,
        during: Phase | None = None,
    ) -> None:
        super().__init__(NAME, _VERSION, list(policies), EnforcementLevel.ADVISORY)
        self._policies = {policy.name: policy for policy in policies}
        self._rules = [rule for policy in policies if isinstance(policy, Resources | Stacks) for rule in policy.rules]
        self._clouds = Clouds() if reader is None else None
        # The engine starts a pack in its own folder, and a copy of the pack has a file of its own.
        own = Path("exemptions.yaml")
        run = (exemptions or load(own.resolve() if own.is_file() else FILE)).run(
            os.environ.get("PULUMI_STACK", "stack"), datetime.now(UTC).date()
        )
        self._run: Run = run
        now = during or phase()
        before = previous or (Previous.none() if now is Phase.STATE else Previous(of_this_stack))
        if now is not Phase.STATE:
            before.begin()
        self._judge = Judge(self._rules, reader or self._clouds or Clouds(), now, run, before)
        self._watched = watched(self._rules)
        self._providers: dict[bytes, Provider] = {}
        self._trail = Trail(os.environ.get(TRAIL, ""))
        self._begun = now is Phase.STATE
        self._asks = any(isinstance(rule, StackRule | WholeRule) for rule in self._rules)

    def Analyze(self, request: Any, _context: Any) -> Any:  # noqa: N802 - the engine's word
        """Judge one resource."""
        if self._asks and self._clouds is not None and not self._begun:
            # The stack's own cloud is asked by nearly every stack; until the first server comes there is time to log in.
            self._begun = True
            self._clouds.begin_stated()
        if request.type not in self._watched:
            self._trail.judged(request.urn)
            return analyzer_pb2.AnalyzeResponse()
        member = Member(
            request.urn,
            request.type,
            request.name,
            _inputs(request.properties),
            parent=request.options.parent or None,
            provider=self._provider(request),
        )
        if self._clouds is not None and self._asks and member.type in FORMS and member.provider is not None:
            self._clouds.begin(member.provider)
        answer = self._answer(self._judge.resource(member, self._off()), request.urn)
        self._trail.judged(request.urn)
        return answer

    def AnalyzeStack(self, request: Any, _context: Any) -> Any:  # noqa: N802 - the engine's word
        """Judge the whole stack."""
        members = [self._known(one) for one in request.resources if one.type in self._watched]
        said = self._judge.whole(members, self._off())
        self._trail.judged("")
        return self._answer([*said, *(Said(EXEMPTED, f"exempted: {line}") for line in self._run.listed())], "")

    def Remediate(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the engine's word
        """Change nothing: no rule of this pack does."""
        return analyzer_pb2.RemediateResponse()

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802 - the engine's word
        """Take levels and options over."""
        answer = super().Configure(request, context)  # type: ignore[no-untyped-call]  # the SDK gives it no types
        self._judge.options = {
            name: self._get_policy_config(name) or {} for name in options.configurable() if name in request.policyConfig
        }
        if self._clouds is not None:
            stated = {**options.defaults(CLOUD), **self._judge.options.get(CLOUD, {})}
            self._clouds.read = stated["read"] is not False
            seconds = stated["seconds"]
            self._clouds.seconds = float(seconds) if isinstance(seconds, int | float) else SECONDS
        return answer

    def _known(self, resource: Any) -> Member:
        """Return the resource as it was stated, with what the engine knows of it now that all are there."""
        member = self._judge.stack.members.get(resource.urn)
        fields = resource.properties.fields
        if member is None:
            # Not stated in this run, as in one with targets: others may refer to it.
            member = Member(resource.urn, resource.type, resource.name, _inputs(resource.properties))
            member.provider = self._provider(resource)
        ident = fields["id"].string_value if "id" in fields else ""
        member.id = ident if ident and plain(_proxy({"id": ident}))["id"] is not UNKNOWN else None
        member.parent = resource.parent or member.parent
        member.shown = {key: fields[key].string_value for key in _SHOWN if key in fields}
        member.sources = {key: tuple(one.urns) for key, one in resource.propertyDependencies.items()}
        member.depends = tuple(resource.dependencies)
        return member

    def _provider(self, request: Any) -> Provider | None:
        if not request.HasField("provider"):
            return None
        given = request.provider
        key = given.urn.encode() + given.properties.SerializeToString(deterministic=True)
        if key not in self._providers:
            settings = _inputs(given.properties)
            self._providers[key] = Provider(given.urn, {name: settings.get(name) for name in READ})
        return self._providers[key]

    def _off(self) -> frozenset[str]:
        return frozenset(
            name
            for name, policy in self._policies.items()
            if self._get_enforcement_level(policy) is EnforcementLevel.DISABLED
        )

    def _answer(self, said: Iterable[Said], own: str) -> Any:
        response = analyzer_pb2.AnalyzeResponse()
        for one in said:
            policy = self._policies.get(one.policy)
            level = EnforcementLevel.DISABLED if policy is None else self._get_enforcement_level(policy)
            if policy is None or level is EnforcementLevel.DISABLED:
                continue
            if level is EnforcementLevel.REMEDIATE:
                level = EnforcementLevel.MANDATORY
            report = self._create_report_violation(response, policy.name, policy.description, level, policy.severity)
            report(one.text, None if one.urn == own else one.urn or None)
        return response


def _proxy(properties: Mapping[str, Any]) -> Any:
    return unknown_checking_proxy(deserialize_properties(dict(properties)))


def _inputs(properties: Any) -> dict[str, object]:
    return plain(_proxy(json_format.MessageToDict(properties)))


def serve(policies: Sequence[Policy]) -> None:
    """Serve the pack until it is interrupted, and tell the engine the port on standard output."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=4),
        options=[("grpc.max_receive_message_length", _LARGEST), ("grpc.max_send_message_length", _LARGEST)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Servicer(policies), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    if phase() is not Phase.STATE and any(isinstance(policy, Stacks) and policy.rules for policy in policies):
        # The engine starts the program now, which takes as long.
        threading.Thread(target=load_client, daemon=True).start()
    try:
        while True:
            time.sleep(_DAY)
    except KeyboardInterrupt:
        server.stop(0)


__all__ = ["UNDETERMINED", "Servicer", "serve"]
