"""Go's templates, as `line_format` has them, worked out by the store."""

from typing import Any

from tests.integration.loki.conftest import Push

TEMPLATES = {
    "{{.a | lower}}": "hello world",
    "{{.a | ToUpper | trunc 3}}": "HEL",
    "{{title (lower .a)}}": "Hello World",
    '{{Trim .a "Hd"}}': "ello Worl",
    '{{TrimPrefix .a "Hel"}}{{.a | trimSuffix "ld"}}': "lo WorldHello Wor",
    "{{substr 0 5 .a}}{{trunc -5 .a}}": "HelloWorld",
    "{{add .n 1}} {{sub 5 2}} {{div .n 2}} {{mod .n 0}} {{mulf .n 1.5}}": "8 3 3 0 10.5",
    '{{if gt .n 5}}big{{else if eq .n "1"}}one{{else}}small{{end}}': "big",
    "{{if and .a (not .nothing)}}y{{end}}{{if .nothing}}n{{end}}": "y",
    '{{.nothing | default "x"}}': "x",
    "a {{- .n -}} b{{/* nothing */}}": "a7b",
    '{{printf "%q %5d|%.2f|%-4s|%%" .a .n .n .n}}': '"Hello World"     7|7.00|7   |%',
    '{{count "l" .a}}{{len .a}}{{round 3.14159 2}}': "3113.14",
    "{{b64enc .a | b64dec}}{{urlencode .a | urldecode}}": "Hello WorldHello World",
    '{{contains "lo" .a}}{{hasPrefix "lo" .a}}': "truefalse",
    '{{regexReplaceAll "(\\\\w+) (\\\\w+)" .a "${2} $1"}}': "World Hello",
    '{{regexReplaceAllLiteral "o" .a "$1"}}': "Hell$1 W$1rld",
    '{{Replace .a "l" "L" -1}}{{Replace .a "l" "L" 1}}{{replace "o" "0" .a}}': "HeLLo WorLdHeLlo WorldHell0 W0rld",
    "{{ __line__ | trunc 8 }}": 'a="Hello',
}


def test_templates(lines_of: Any, push: Push) -> None:
    """Each gives what Go gives."""
    job = push('a="Hello World" n=7')
    whole = "\n".join(TEMPLATES)
    found = lines_of(f'{{job="{job}"}} | logfmt | line_format `{whole}`')
    assert found[0].split("\n") == list(TEMPLATES.values())
