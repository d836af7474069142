"""What the components register, and which provider makes it, with the engine mocked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_openstack
import pytest
from pulumi.runtime import mocks, rpc, set_all_config
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_pulumi_func

from components.ecs.provider import Provider
from components.ecs.server import Server
from components.ecs.server_batch import ServerBatch
from components.problems import ArgumentError

IMAGE = "b023fe17-11db-4efb-b800-78882a0e394b"
NETWORK = "fd40e6f8-942d-4b4e-a7ae-465287b02a2c"
COMMON: dict[str, Any] = {
    "flavor_ref": "s3.medium",
    "availability_zone": "az1",
    "networks": [{"uuid": NETWORK}],
}
SERVER = COMMON | {"boot": {"image_ref": IMAGE}}
BATCH = COMMON | {"image_ref": IMAGE, "min_count": 2, "max_count": 3}
NATIVE = "ecs:compute:Server"
KINDS: list[tuple[type[Server | ServerBatch], dict[str, Any], str]] = [
    (Server, SERVER, NATIVE),
    (ServerBatch, BATCH, "ecs:compute:ServerBatch"),
]


class Cloud(mocks.Mocks):
    """Makes whatever is asked for."""

    def new_resource(self, args: Any) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", args.inputs | ({"addresses": ["10.0.0.2"]} if args.typ == NATIVE else {})

    def call(self, args: Any) -> Any:
        raise AssertionError(args)


class Engine(mocks.MockMonitor):
    """Takes down what is registered: the whole requests, since the mocks show their inputs alone."""

    def __init__(self) -> None:
        super().__init__(Cloud())
        self.requests: list[Any] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's word
        self.requests.append(request)
        try:
            return super().RegisterResource(request)
        finally:
            # The SDK gives each of its threads a loop for the mocks and closes none of them.
            if request.type != "pulumi:pulumi:Stack":
                asyncio.get_event_loop_policy().get_event_loop().close()
                asyncio.set_event_loop(None)

    def of(self, kind: str) -> list[Any]:
        return [one for one in self.requests if one.type == kind]

    def one(self, kind: str) -> Any:
        (found,) = self.of(kind)
        return found

    @property
    def providers(self) -> list[Any]:
        return self.of("pulumi:providers:ecs")


def inputs(request: Any) -> dict[str, Any]:
    """The inputs of a resource."""
    return rpc.deserialize_properties(request.object)  # type: ignore[no-any-return]


def registered(program: Callable[[], Any], config: dict[str, str] | None = None) -> Engine:
    """What a program registers; an error in it or in one of its Outputs is raised."""
    engine = Engine()

    async def run() -> None:
        mocks.set_mocks(engine.mocks, project="p", stack="dev", preview=False, monitor=engine)
        set_all_config(config or {})
        # What another test's Outputs left unfinished would be waited for, and its loop is closed.
        SETTINGS.rpc_manager.clear()
        SETTINGS.outputs.clear()

        def whole() -> None:
            program()

        await run_pulumi_func(whole)

    asyncio.run(run())
    return engine


@pytest.mark.parametrize(("component", "args", "kind"), KINDS)
def test_a_component_has_one_native_child(component: Any, args: dict[str, Any], kind: str) -> None:
    engine = registered(lambda: component("web", args))
    child = engine.one(kind)
    assert child.name == "web"
    assert inputs(child)["flavorRef"] == "s3.medium"
    request = inputs(engine.one(f"ecs:index:{component.__name__}"))["server"]
    assert request["flavorRef"] == "s3.medium"
    assert "deletion_protection" not in request, "the component's inputs are the documented request"


@pytest.mark.parametrize(("component", "args", "kind"), KINDS)
def test_the_limits_are_those_of_the_child(component: Any, args: dict[str, Any], kind: str) -> None:
    child = registered(lambda: component("web", args)).one(kind)
    limits = child.customTimeouts
    assert (limits.create, limits.update, limits.delete) == ("900s", "900s", "600s")
    stated = args | {"timeouts": {"create": 61, "update": 62, "delete": 63}}
    limits = registered(lambda: component("web", stated)).one(kind).customTimeouts
    assert (limits.create, limits.update, limits.delete) == ("61s", "62s", "63s")


@pytest.mark.parametrize(("component", "args", "kind"), KINDS)
@pytest.mark.parametrize(
    ("stated", "protected"),
    [
        ({}, False),
        ({"deletion_protection": True}, True),
        ({"deletion_protection": True, "consent": ["rebuild"]}, True),
        ({"deletion_protection": True, "consent": ["replace"]}, False),
        ({"consent": ["replace"]}, False),
    ],
)
def test_the_engine_protects_what_is_protected_until_there_is_consent(
    component: Any, args: dict[str, Any], kind: str, stated: dict[str, Any], protected: bool
) -> None:
    engine = registered(lambda: component("web", args | stated))
    child = engine.one(kind)
    assert child.protect is protected
    assert inputs(child)["deletion_protection"] is bool(stated.get("deletion_protection"))
    assert inputs(child)["consent"] == stated.get("consent", [])


@pytest.mark.parametrize(("component", "args", "kind"), KINDS)
def test_the_old_one_goes_before_the_new_one_comes(component: Any, args: dict[str, Any], kind: str) -> None:
    assert registered(lambda: component("web", args)).one(kind).deleteBeforeReplace


@pytest.mark.parametrize(("component", "args", "kind"), KINDS)
def test_an_import_is_of_the_child(component: Any, args: dict[str, Any], kind: str) -> None:
    options = pulumi.ResourceOptions(import_="there-already")
    engine = registered(lambda: component("web", args, options))
    assert engine.one(kind).importId == "there-already"
    assert engine.one(f"ecs:index:{component.__name__}").importId == ""


@pytest.mark.parametrize(("component", "args", "kind"), KINDS)
def test_passwords_and_user_data_are_secret_outputs(component: Any, args: dict[str, Any], kind: str) -> None:
    child = registered(lambda: component("web", args)).one(kind)
    assert set(child.additionalSecretOutputs) == {"adminPass", "user_data"}


@pytest.mark.parametrize(("component", "args", "kind"), KINDS)
def test_a_mistake_is_told_before_anything_is_registered(component: Any, args: dict[str, Any], kind: str) -> None:
    made: list[Engine] = []

    def program() -> None:
        with pytest.raises(ArgumentError, match="ECS-102"):
            component("web", args | {"flavor_ref": ""})

    made.append(registered(program))
    assert made[0].of(kind) == []


def test_the_outputs_of_a_server_are_those_of_its_child() -> None:
    seen: dict[str, Any] = {}

    def program() -> None:
        server = Server("web", SERVER)
        pulumi.Output.all(server.server_id, server.addresses, server.name).apply(
            lambda all_: seen.update(zip(("id", "addresses", "name"), all_, strict=True))
        )

    registered(program)
    assert seen == {"id": "web-id", "addresses": ["10.0.0.2"], "name": "web"}


CLOUD = {"openstack:cloud": "sandbox", "openstack:region": "eu"}


class TestProvider:
    def test_it_is_made_once_in_a_stack_with_the_settings_of_the_plugin(self) -> None:
        def program() -> None:
            Server("web", SERVER)
            Server("db", SERVER)
            ServerBatch("pool", BATCH)

        engine = registered(program, CLOUD)
        (provider,) = engine.providers
        assert (provider.name, inputs(provider)) == ("ecs", {"cloud": "sandbox", "region": "eu"})
        children = [*engine.of(NATIVE), *engine.of("ecs:compute:ServerBatch")]
        assert len(children) == 3
        assert all(one.provider.endswith("pulumi:providers:ecs::ecs::ecs-id") for one in children)

    def test_another_stack_has_one_of_its_own(self) -> None:
        for cloud in ("one", "two"):
            (provider,) = registered(lambda: Server("web", SERVER), {"openstack:cloud": cloud}).providers
            assert inputs(provider) == {"cloud": cloud}

    def test_polling_and_retrying_are_set_beside_the_plugins_settings(self) -> None:
        config = CLOUD | {"ecs:pollSeconds": "0.5", "ecs:retrySeconds": "30"}
        (provider,) = registered(lambda: Server("web", SERVER), config).providers
        assert inputs(provider) == {"cloud": "sandbox", "region": "eu", "pollSeconds": "0.5", "retrySeconds": "30"}

    def test_settings_of_its_own_win_and_are_the_engines_to_hand_over(self) -> None:
        engine = registered(lambda: Server("web", SERVER), CLOUD | {"ecs:cloud": "other"})
        assert engine.providers == []
        assert engine.one(NATIVE).provider == ""

    def test_a_provider_that_is_given_makes_the_child(self) -> None:
        def program() -> None:
            given = Provider("mine", {"cloud": "mine"})
            Server("web", SERVER, pulumi.ResourceOptions(providers=[given]))

        engine = registered(program, CLOUD)
        (provider,) = engine.providers
        assert provider.name == "mine"
        assert engine.one(NATIVE).provider.endswith("::mine::mine-id")

    def test_a_provider_that_is_given_as_the_only_one_makes_the_child(self) -> None:
        def program() -> None:
            Server("web", SERVER, pulumi.ResourceOptions(provider=Provider("mine", {"cloud": "mine"})))

        assert registered(program, CLOUD).one(NATIVE).provider.endswith("::mine::mine-id")

    @pytest.mark.parametrize("how", ["provider", "providers", "parent"])
    @pytest.mark.parametrize(("component", "args", "kind"), KINDS)
    def test_a_provider_of_the_plugin_alone_is_refused(
        self, component: Any, args: dict[str, Any], kind: str, how: str
    ) -> None:
        def program() -> None:
            theirs = pulumi_openstack.Provider("theirs", cloud="theirs")
            options = {
                "provider": lambda: pulumi.ResourceOptions(provider=theirs),
                "providers": lambda: pulumi.ResourceOptions(providers=[theirs]),
                "parent": lambda: pulumi.ResourceOptions(
                    parent=pulumi.ComponentResource(
                        "p:index:Site", "site", {}, pulumi.ResourceOptions(providers=[theirs])
                    )
                ),
            }[how]()
            with pytest.raises(ArgumentError) as refused:
                component("web", args, options)
            (problem,) = refused.value.problems
            assert "'web'" in problem.path
            assert "provider of `openstack` and none of `ecs`" in problem.wrong
            assert "components.ecs.provider.Provider" in problem.fix

        assert registered(program, CLOUD).of(kind) == []

    def test_with_both_the_child_is_made_by_ours(self) -> None:
        def program() -> None:
            theirs = pulumi_openstack.Provider("theirs", cloud="mine")
            Server("web", SERVER, pulumi.ResourceOptions(providers=[theirs, Provider("mine", {"cloud": "mine"})]))

        engine = registered(program, CLOUD)
        assert engine.one(NATIVE).provider.endswith("pulumi:providers:ecs::mine::mine-id")

    def test_an_unknown_setting_is_refused(self) -> None:
        def program() -> None:
            with pytest.raises(ArgumentError, match=r"provider 'mine'\.clowd: is not a known setting"):
                Provider("mine", {"clowd": "x"})

        registered(program)

    @pytest.mark.parametrize("key", ["password", "token", "applicationCredentialSecret"])
    def test_its_secrets_are_marked(self, key: str) -> None:
        engine = registered(lambda: Server("web", SERVER), {"openstack:cloud": "c", f"openstack:{key}": "planted"})
        sent = engine.providers[0].object.fields[key]
        assert "4dabf18193072939515e22adb298388d" in sent.struct_value.fields, "the engine's mark of a secret"
