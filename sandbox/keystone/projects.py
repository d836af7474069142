"""The one project and its user, and what a plain user may not see around them."""

from sandbox.catalog import catalog
from sandbox.faults import Fault, Json
from sandbox.keystone.tokens import project, user
from sandbox.routing import Answer, Call, Handler, Route

_FOR_ADMINS = {
    "/projects": "list_projects",
    "/users": "list_users",
    "/groups": "list_groups",
    "/roles": "list_roles",
    "/role_assignments": "list_role_assignments",
    "/domains": "list_domains",
    "/services": "list_services",
    "/endpoints": "list_endpoints",
    "/policies": "list_policies",
}


def forbidden(what: str) -> Fault:
    """Return Keystone's 403 for an action, `list_users`."""
    return Fault(403, f"You are not authorized to perform the requested action: identity:{what}.")


def check_user(call: Call, what: str) -> None:
    """Raise Keystone's 403 unless the path names the user who asks."""
    if call.params["user_id"] != call.world.store.note("user_id"):
        raise forbidden(what)


def show_catalog(call: Call) -> Answer:
    """GET /auth/catalog."""
    found = catalog(call.base, call.project_id, call.world.settings.region, ecs=call.world.ecs)
    return Answer(200, {"catalog": found, "links": _links(call)})


def list_own(call: Call) -> Answer:
    """GET /auth/projects: the one project."""
    return Answer(200, {"projects": [_project(call)], "links": _links(call)})


def list_of_user(call: Call) -> Answer:
    """GET /users/{id}/projects."""
    check_user(call, "list_user_projects")
    return list_own(call)


def show_project(call: Call) -> Answer:
    """GET /projects/{id}; 403 for any other than one's own."""
    if call.params["project_id"] != call.world.project_id:
        raise forbidden("get_project")
    return Answer(200, {"project": _project(call)})


def show_user(call: Call) -> Answer:
    """GET /users/{id}; 403 for any other than oneself."""
    check_user(call, "get_user")
    one = user(call.world)
    del one["domain"]
    more = {"domain_id": "default", "enabled": True, "default_project_id": call.world.project_id, "options": {}}
    return Answer(200, {"user": one | more | {"links": {"self": f"{call.base}/identity/v3/users/{one['id']}"}}})


def list_regions(call: Call) -> Answer:
    """GET /regions."""
    return Answer(200, {"regions": [_region(call)], "links": _links(call)})


def show_region(call: Call) -> Answer:
    """GET /regions/{id}."""
    if call.params["region_id"] != call.world.settings.region:
        raise Fault(404, f"Could not find region: {call.params['region_id']}.")
    return Answer(200, {"region": _region(call)})


def no_credentials(call: Call) -> Answer:
    """GET /credentials: none."""
    return Answer(200, {"credentials": [], "links": _links(call)})


def no_user_credentials(call: Call) -> Answer:
    """GET /users/{id}/credentials/OS-EC2: none."""
    check_user(call, "ec2_list_credentials")
    return no_credentials(call)


def no_domains(call: Call) -> Answer:
    """GET /auth/domains: the token is for a project."""
    return Answer(200, {"domains": [], "links": _links(call)})


def _refuse(what: str) -> Handler:
    def refuse(_: Call) -> Answer:
        """Refuse a plain user."""
        raise forbidden(what)

    return refuse


def _region(call: Call) -> Json:
    name = call.world.settings.region
    links = {"self": f"{call.base}/identity/v3/regions/{name}"}
    return {"id": name, "description": "", "parent_region_id": None, "links": links}


def _project(call: Call) -> Json:
    one = project(call.world)
    del one["domain"]
    more = {"domain_id": "default", "parent_id": "default", "enabled": True, "is_domain": False, "description": ""}
    links = {"self": f"{call.base}/identity/v3/projects/{one['id']}"}
    return {**one, **more, "tags": [], "options": {}, "links": links}


def _links(call: Call) -> Json:
    return {"self": call.base + call.path, "next": None, "previous": None}


ROUTES = (
    Route("GET", "/auth/catalog", show_catalog),
    Route("GET", "/auth/projects", list_own),
    Route("GET", "/auth/domains", no_domains),
    Route("GET", "/projects/{project_id}", show_project),
    Route("GET", "/users/{user_id}", show_user),
    Route("GET", "/users/{user_id}/projects", list_of_user),
    Route("GET", "/users/{user_id}/credentials/OS-EC2", no_user_credentials),
    Route("GET", "/credentials", no_credentials),
    Route("GET", "/regions", list_regions),
    Route("GET", "/regions/{region_id}", show_region),
    *(Route("GET", path, _refuse(what), status=()) for path, what in _FOR_ADMINS.items()),
)
