"""The stub of `pressroom.flows`: the operations with their parameters, for editors and type checkers."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, Final

from pressroom.domain.operation import Operation, asset_slots
from pressroom.operations import ALL

_SCALARS: Final = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "object": "Mapping[str, Any]",
}
_WIDTH: Final = 110
_HEADER: Final = """\
# Written by docs/generate.py from the operations' parameters.
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pressroom.campaign.models import BrandSpec as BrandSpec
from pressroom.campaign.models import Budget as Budget
from pressroom.campaign.models import Policy as Policy
from pressroom.flows.campaign_run import CampaignResult as CampaignResult
from pressroom.flows.campaign_run import CampaignRun as CampaignRun
from pressroom.flows.campaign_run import Media as Media
from pressroom.flows.campaign_run import StepHandle as StepHandle
from pressroom.flows.campaign_run import campaign_run as campaign_run
from pressroom.flows.campaign_run import each as each
from pressroom.flows.operations import OperationTask as OperationTask
from pressroom.flows.operations import StepOptions as StepOptions
"""


def flows_stub() -> str:
    return "\n".join([_HEADER, *map(_operation, ALL)])


def _operation(operation: Operation[Any]) -> str:
    schema = operation.params.model_json_schema()
    slots, definitions = asset_slots(operation.params), schema.get("$defs", {})
    required = schema.get("required", ())
    fields = sorted(schema["properties"].items(), key=lambda item: item[0] not in required)
    lines = [f"class _{_camel(operation.name)}(OperationTask):", "    def __call__(", "        self,", "        *,"]
    for name, field in fields:
        default = "" if name in required else f" = {field.get('default', ())!r}"  # without one: an empty list
        lines.append(f"        {name}: {_type(field, definitions, media=name in slots)}{default},")
    lines += ["    ) -> StepHandle:", f'        """{operation.summary}', ""]
    for name, field in fields:
        text = f"{name}: {field.get('description', '')}"
        lines += textwrap.wrap(text, _WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 12)
    lines += ['        """', "", f"{operation.name}: _{_camel(operation.name)}", ""]
    return "\n".join(lines)


def _camel(name: str) -> str:
    return name.title().replace("_", "")


def _type(field: Mapping[str, Any], definitions: Mapping[str, Any], *, media: bool) -> str:
    """A JSON Schema type as an annotation; a text that stands for a file is a `Media`."""
    if "$ref" in field:
        return _type(definitions[field["$ref"].rpartition("/")[2]], definitions, media=media)
    if "anyOf" in field:
        return " | ".join(dict.fromkeys(_type(item, definitions, media=media) for item in field["anyOf"]))
    if "enum" in field or "const" in field:
        return f"Literal[{', '.join(map(repr, field.get('enum', [field.get('const')])))}]"
    if field.get("type") == "array":
        return f"Sequence[{_type(field.get('items', {}), definitions, media=media)}]"
    if field.get("type") == "null":
        return "None"
    return "Media" if media and field.get("type") == "string" else _SCALARS.get(str(field.get("type")), "Any")
