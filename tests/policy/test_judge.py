"""A run of the pack beyond one rule: options, rules that are switched off, values that the whole stack explains."""

from __future__ import annotations

from typing import Any

from pulumi.runtime.proto import analyzer_pb2

from policy.exemptions import Exemptions
from policy.facts import kinds
from policy.facts.asking import Question
from policy.facts.facts import Phase
from policy.facts.members import Provider
from policy.facts.previous import Previous
from policy.judge import CLOUD, UNDETERMINED
from policy.pack import policies
from policy.rules import group_policy, group_uuid, no_delete_with_snapshots, no_geneve
from policy.serving import Servicer
from policy.testing import UNKNOWN, Resource, cloud, instance, kept, native
from policy.testing.clouds import FakeCloud
from policy.testing.requests import NETWORK
from policy.testing.servicer import Report, reported, request, urn

GROUP_TYPE = kinds.GROUP.types[0]
SOFT = "0b4bc5a5-5a3b-4f6e-9d9b-5d5f0f8f1a11"


class Counting(FakeCloud):
    """A cloud that remembers what it was asked."""

    def __init__(self, plain: FakeCloud, shown: list[dict[str, Any]] | None = None) -> None:
        self.questions: list[Question] = []
        self._plain = plain
        self._shown = shown

    def ask(self, provider: Provider | None, question: Question) -> Any:
        """Answer as the plain one, or with the list that every question is answered with."""
        self.questions.append(question)
        return self._plain.ask(provider, question) if self._shown is None else self._shown

    def wait(self) -> None:
        """Let all answers be there."""
        self._plain.wait()


def served(*rules: Any, reader: FakeCloud, during: Phase = Phase.PREVIEW, previous: Previous | None = None) -> Servicer:
    return Servicer(
        policies(rules),
        reader=reader,
        previous=previous or Previous.none(),
        exemptions=Exemptions(),
        during=during,
    )


def judged(servicer: Any, resources: list[Resource], sources: dict[str, dict[str, list[str]]]) -> list[Report]:
    """What is said of resources that are all new; `sources` are those of a resource's inputs, by its name."""
    found = [report for one in resources for report in reported(servicer.Analyze(request(one), None))]
    stack = analyzer_pb2.AnalyzeStackRequest(
        resources=[
            analyzer_pb2.AnalyzerResource(
                type=one.type,
                urn=urn(one),
                name=one.name,
                propertyDependencies={
                    key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
                    for key, urns in sources.get(one.name, {}).items()
                },
            )
            for one in resources
        ]
    )
    return found + reported(servicer.AnalyzeStack(stack, None))


def configured(name: str, level: int, **options: Any) -> Any:
    config = analyzer_pb2.PolicyConfig(enforcementLevel=level)  # type: ignore[arg-type]
    config.properties.update(options)
    return analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={name: config})


def grouped(group: object) -> Resource:
    return instance(schedulerHints=[{"group": group}])


def test_the_policies_that_a_group_may_have_are_an_option() -> None:
    there = cloud({"group": {SOFT: {"policies": ["soft-anti-affinity"]}}})
    plain = served(group_policy.RULE, reader=there.again())
    assert [report.restriction for report in judged(plain, [grouped(SOFT)], {})] == ["ECS-502"]
    allowed: Any = served(group_policy.RULE, reader=there.again())
    option = configured("ECS-502", analyzer_pb2.MANDATORY, policies=["anti-affinity", "soft-anti-affinity"])
    allowed.Configure(option, None)
    assert judged(allowed, [grouped(SOFT)], {}) == []


def test_for_a_rule_that_is_switched_off_the_cloud_is_not_asked() -> None:
    asked, unasked = (Counting(cloud()) for _ in range(2))
    assert judged(served(no_geneve.RULE, reader=asked), [instance()], {}) == []
    assert kinds.NETWORK.by_id(NETWORK) in asked.questions
    off: Any = served(no_geneve.RULE, reader=unasked)
    off.Configure(configured("ECS-305", analyzer_pb2.DISABLED), None)
    assert judged(off, [instance()], {}) == []
    assert unasked.questions == []


def test_the_id_of_a_group_of_this_stack_is_no_question_and_one_from_elsewhere_is() -> None:
    group = Resource(GROUP_TYPE, {"policies": "anti-affinity"}, "g")
    web = grouped(UNKNOWN)
    here = served(group_uuid.RULE, reader=cloud())
    assert judged(here, [group, web], {"web": {"schedulerHints": [urn(group)]}}) == []
    elsewhere = served(group_uuid.RULE, reader=cloud())
    (report,) = judged(elsewhere, [web], {})
    assert (report.policy, report.paths) == (UNDETERMINED, ("schedulerHints[0].group",))


def test_the_unknown_group_of_a_native_server_is_followed_by_its_own_input() -> None:
    group = Resource(GROUP_TYPE, {"policies": "anti-affinity"}, "g")
    web = native(scheduler_hints={"group": UNKNOWN})
    here = served(group_uuid.RULE, reader=cloud())
    assert judged(here, [group, web], {"web": {"scheduler_hints": [urn(group)]}}) == []
    by_another_input = served(group_uuid.RULE, reader=cloud())
    (report,) = judged(by_another_input, [group, web], {"web": {"networks": [urn(group)]}})
    assert (report.policy, report.paths) == (UNDETERMINED, ("scheduler_hints.group",))


def test_a_cloud_that_ignores_the_filter_of_snapshots_blames_no_other_disk() -> None:
    others = Counting(cloud(), shown=[{"id": "x", "volume_id": "another"}])
    before = Previous(lambda: [kept(kinds.VOLUME, "data", "v-1")])
    assert judged(served(no_delete_with_snapshots.RULE, reader=others, previous=before), [], {}) == []
    assert others.questions
    own = Counting(cloud(), shown=[{"id": "x", "volume_id": "v-1"}])
    before = Previous(lambda: [kept(kinds.VOLUME, "data", "v-1")])
    (report,) = judged(served(no_delete_with_snapshots.RULE, reader=own, previous=before), [], {})
    assert report.restriction == "ECS-215"


def test_why_the_cloud_is_silent_is_said_once_a_preview_and_for_each_resource_while_it_is_changed() -> None:
    two = [instance(), Resource(instance().type, instance().inputs, "other")]
    preview = served(no_geneve.RULE, reader=cloud(silent="it is asleep"))
    (report,) = judged(preview, two, {})
    assert report.policy == CLOUD
    assert report.text.endswith("nothing was decided by ECS-305 for web, other.")
    update = served(no_geneve.RULE, reader=cloud(silent="it is asleep"), during=Phase.UPDATE)
    texts = [report.text for report in judged(update, two, {})]
    assert [text.rpartition(" for ")[2] for text in texts] == ["web.", "other."]
