"""What every signal reads of its resource, once per resource and not once per item."""

from midwatch.server.store.flatten import attributes, values

_FRAME = "project, key_id, environment, received_unix_nano"

COLUMNS = (
    "project, key_id, received_unix_nano, ResourceAttributes, ResourceAttributeTypes, ServiceName, Environment,"
    " resource_dropped, resource_renamed, resource_cut, resource_text"
)
"""What `stage` yields beside what is carried along."""


def stage(resources: str, carried: str) -> str:
    """One row per resource (`r`, from the array of the request that is named), and `carried` with it."""
    source = f"SELECT {_FRAME}, arrayJoin(request.{resources}) AS r FROM {{source}}"
    types_of = attributes.types("r.resource.attributes")
    sent = (
        "attribute_texts[indexOf(attribute_keys, if(has(attribute_keys, 'deployment.environment.name'),"
        " 'deployment.environment.name', 'deployment.environment'))]"
    )
    other = "environment != '' AND sent_environment != '' AND sent_environment != environment"
    return f"""
    SELECT {_FRAME}, {carried}, resource_dropped, resource_renamed, resource_cut,
        if({other}, mapUpdate(resource_map, CAST(map('midwatch.sent.environment', sent_environment)
            AS Map(LowCardinality(String), String))), resource_map) AS ResourceAttributes,
        if({other}, arrayConcat({types_of}, [1]), {types_of}) AS ResourceAttributeTypes,
        if(service_name = '', 'unknown_service', service_name) AS ServiceName,
        if(environment != '', {values.cut("environment")}, sent_environment) AS Environment,
        toLowCardinality(arrayStringConcat(arrayConcat(mapKeys(ResourceAttributes), mapValues(ResourceAttributes)), '\n'))
            AS resource_text
    FROM (
        SELECT {_FRAME}, r, {attributes.MAP} AS resource_map, {attributes.of_resource("r.resource.attributes")},
            {values.cut("attribute_texts[indexOf(attribute_keys, 'service.name')]")} AS service_name,
            {values.cut(sent)} AS sent_environment
        FROM ({attributes.stage("r.resource.attributes", source)})
    )"""
