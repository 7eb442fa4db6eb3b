"""The configuration as JSON Schema, for editors that complete and judge a file while it is written.

It is made from the models and forgives more than they do: what it refuses, `check-config` refuses too, but what lies
between keys and between files (references, files of numbers, one of two) only `check-config` finds.
"""

import json
from typing import Any

from gateway.model.money import Sen, yen
from gateway.settings.files import SPREAD
from gateway.settings.models import Settings
from gateway.settings.section import PRICE

HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Configuration of smpp-gateway",
    "description": "One file of the configuration: the first one, or one that it includes. `carriers`, `customers`, "
    "`routes` and `tariffs` may be spread over files; every other key stands in one of them. So nothing is asked for "
    "at the top that another file may have: `smpp-gateway check-config` judges them together.",
    "type": ["object", "null"],
}

# What holds schemas by name; a key of an operator's may be called like one of JSON Schema's own words.
NAMED = frozenset({"properties", "$defs"})


def schema() -> dict[str, Any]:
    """The schema of one file, in the 2020-12 dialect. Nothing of anybody's configuration is in it."""
    made = _tidy(Settings.model_json_schema())
    del made["required"]
    for name in SPREAD:
        made["properties"][name].pop("minProperties", None)
    return HEAD | {key: one for key, one in made.items() if key not in HEAD}


def text() -> str:
    """The same as it stands in docs/gateway.schema.json."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _tidy(node: Any) -> Any:
    """Without titles that only repeat the key, with names judged, and with defaults as they are written in a file."""
    if isinstance(node, list):
        return [_tidy(one) for one in node]
    if not isinstance(node, dict):
        return node
    made: dict[str, Any] = {
        key: {name: _tidy(inner) for name, inner in one.items()} if key in NAMED else _tidy(one)
        for key, one in node.items()
        if key != "title"
    }
    if "patternProperties" in made:
        ((pattern, one),) = made.pop("patternProperties").items()
        made |= {"propertyNames": {"pattern": pattern}, "additionalProperties": one}
    if made.get("pattern") == f"^{PRICE.pattern}$" and isinstance(made.get("default"), int):
        made["default"] = yen(Sen(made["default"]))
    if isinstance(made.get("description"), str):
        made["description"] = " ".join(made["description"].split())
    return made
