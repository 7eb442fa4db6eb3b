"""From the serving carrier to the profile that takes its messages."""

from gateway.routing.routes import Routes


def test_a_route_leads_to_a_profile_or_nowhere() -> None:
    routes = Routes({"docomo": "docomo", "mvno-d": "docomo"})
    assert routes.carrier("docomo") == "docomo"
    assert routes.carrier("mvno-d") == "docomo"
    assert routes.carrier("au") is None
    assert routes.carrier("") is None


def test_routes_do_not_change_with_what_they_were_made_of() -> None:
    made_of = {"docomo": "docomo"}
    routes = Routes(made_of)
    made_of["au"] = "docomo"
    assert routes.carrier("au") is None
