"""What Jaeger's clients ask becomes our search language."""

import pytest

from midwatch.server.model.errors import BadRequest
from midwatch.server.protocols.jaeger.questions import search_of
from midwatch.server.protocols.jaeger.shapes import tag
from midwatch.server.query.search.fields import SPANS
from midwatch.server.query.search.language import compile_search


def ask(**asked: str) -> str:
    tags, single = asked.pop("tags", ""), asked.pop("tag", "")
    names = ("service", "operation", "min_duration", "max_duration")
    fields = {name: asked.get(name, "") for name in names}
    return search_of(tags=tags, single_tags=[single] if single else [], **fields)


@pytest.mark.parametrize(
    ("asked", "search"),
    [
        ({"service": "api", "operation": 'GET "/x"'}, 'service:"api" name:"GET \\"/x\\""'),
        ({"tags": '{"http.status_code":"500","retry":true,"n":5}'}, 'http.status_code:"500" retry:"true" n:"5"'),
        ({"tag": "url:http://x:80/"}, 'url:"http://x:80/"'),
        ({"tags": '{"span.kind":"client","otel.status_code":"ERROR"}'}, 'kind:"client" error:"true"'),
        ({"tags": '{"otel.scope.name":"pay"}'}, 'scope:"pay"'),
        ({"min_duration": "1m30.5s", "max_duration": "1500us"}, "duration:>=90500000000ns duration:<=1500000ns"),
    ],
)
def test_questions(asked: dict[str, str], search: str) -> None:
    """Service, operation, both forms of tags, the tags that Jaeger makes of a span's own fields, Go's durations."""
    found = ask(**asked)
    assert found == search
    compile_search(found, SPANS)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"tags": "{"}, "tags='{': expected a JSON object"),
        ({"tags": "[1]"}, "expected a JSON object"),
        ({"tag": "name"}, "expected name:value"),
        ({"tag": "a b:c"}, "cannot search for the tag 'a b'"),
        ({"min_duration": "5"}, "minDuration='5'"),
        ({"max_duration": "1s later"}, "maxDuration='1s later'"),
    ],
)
def test_refused(asked: dict[str, str], says: str) -> None:
    """What cannot be read is named."""
    with pytest.raises(BadRequest) as caught:
        ask(**asked)
    assert says in caught.value.message


def test_lists_and_maps_are_json() -> None:
    """Jaeger has no tags of these types."""
    assert tag("names", ["a", 2]) == {"key": "names", "type": "string", "value": '["a", 2]'}
    assert tag("map", {"k": True})["value"] == '{"k": true}'
