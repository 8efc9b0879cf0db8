"""Templates against what Go 1.24's `text/template` and `fmt` are documented to do."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midwatch.server.gotemplate import NO_VALUE, Duration, SafeText, TemplateError, Templates, Time, with_templates
from midwatch.server.gotemplate.builtins import escape_html
from midwatch.server.gotemplate.limits import (
    CALLS_MAX,
    MADE_CHARACTERS_MAX,
    NESTING_MAX,
    OUTPUT_CHARACTERS_MAX,
    STEPS_MAX,
    TEXT_CHARACTERS_MAX,
    WIDTH_MAX,
)


class Alerts(list[Any]):
    """A list with methods, as Alertmanager's template data has them."""

    go_type = "template.Alerts"

    def go_field(self, name: str) -> Any:
        if name == "Firing":
            return lambda: [one for one in self if one["Status"] == "firing"]
        if name == "Named":
            return lambda wanted: [one for one in self if one["Name"] == wanted]
        raise KeyError(name)


DATA = {
    "Status": "firing",
    "Count": 3,
    "Share": 0.25,
    "Large": 1234567.0,
    "Yes": True,
    "Nothing": None,
    "Labels": {"job": "api", "alertname": "Down"},
    "Names": ["a", "b", "c"],
    "Empty": [],
    "Html": "<b>&\"'",
    "Alerts": Alerts([{"Status": "firing", "Name": "x"}, {"Status": "resolved", "Name": "y"}]),
    "At": Time(1_700_000_000_123_000_000),
    "Since": Duration(5_025_000_000_000),
}


def _failing(*_: Any) -> Any:
    raise ValueError("no such thing")


@with_templates
def _include(execute: Any, name: str, data: Any) -> str:
    return str(execute(name, data)).upper()


FUNCTIONS = {
    "toUpper": lambda text: text.upper(),
    "join": lambda separator, parts: separator.join(parts),
    "fail": _failing,
    "include": _include,
    "big": lambda: "x" * 1_000_000,
}

RENDERED = [
    # Text, trimming and comments.
    ("plain }} text", "plain }} text"),
    ("", ""),
    ("a {{- 1 }} b", "a1 b"),
    ("a {{ 1 -}} \n\t b", "a 1b"),
    ("a {{- 1 -}} b", "a1b"),
    ("a {{/* a comment\nof two lines */}} b", "a  b"),
    ("a {{- /* gone */ -}} b", "ab"),
    ("{{ -1 }}", "-1"),
    ("{{\n 1\n}}", "1"),
    # Constants.
    ('{{ "q\\"\\n\\t\\x41\\u00e9\\101" }}', 'q"\n\tAéA'),
    ("{{ `raw \\n` }}", "raw \\n"),
    ("{{ 'a' }} {{ '\\n' }}", "97 10"),
    ("{{ 0x1F }} {{ 017 }} {{ 0b11 }} {{ 1_000 }} {{ 1e3 }} {{ 1.50 }} {{ .5 }}", "31 15 3 1000 1000 1.5 0.5"),
    ("{{ true }} {{ false }}", "true false"),
    # Fields and what is not there.
    ("{{ .Status }} {{.Labels.job}}", "firing api"),
    ("[{{ .Labels.missing }}]", "[]"),
    ("{{ .Nothing }}", "<no value>"),
    ("{{ . | len }}", "13"),
    ("{{ (index .Alerts 0).Name }}", "x"),
    ("{{ $.Status }}{{ with .Labels }}{{ .job }}{{ $.Count }}{{ end }}", "firingapi3"),
    ("{{ .Alerts.Firing | len }}{{ len (.Alerts.Named `y`) }}", "11"),
    # Values as they print.
    (
        "{{ .Share }} {{ .Large }} {{ .Yes }} {{ .Names }} {{ .Labels }}",
        "0.25 1.234567e+06 true [a b c] map[alertname:Down job:api]",
    ),
    ("{{ .Empty }}{{ .Since }}", "[]1h23m45s"),
    # Variables.
    ("{{ $x := 1 }}{{ $x }}{{ $x = 2 }}{{ $x }}", "12"),
    ("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21"),
    ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
    ("{{ with $x := .Labels }}{{ $x.job }}{{ end }}", "api"),
    ("{{ if $n := .Count }}{{ $n }}{{ end }}", "3"),
    # Conditions.
    ("{{ if .Empty }}a{{ else if .Nothing }}b{{ else }}c{{ end }}", "c"),
    ("{{ if 0 }}a{{ end }}{{ if `` }}b{{ end }}{{ if 0.0 }}c{{ end }}{{ if .Labels }}d{{ end }}", "d"),
    ("{{ with .Empty }}a{{ else with .Labels }}{{ .job }}{{ else }}c{{ end }}", "api"),
    ("{{ and 1 0 2 }} {{ and 1 2 }} {{ or 0 `x` (fail) }} {{ and false (fail) }} {{ not 1 }}", "0 2 x false false"),
    # Loops.
    ("{{ range .Names }}{{ . }},{{ end }}", "a,b,c,"),
    ("{{ range $i, $n := .Names }}{{ $i }}{{ $n }}{{ end }}", "0a1b2c"),
    ("{{ range $k, $v := .Labels }}{{ $k }}={{ $v }} {{ end }}", "alertname=Down job=api "),
    ("{{ range $v := .Names }}{{ $v }}{{ end }}", "abc"),
    ("{{ range .Empty }}a{{ else }}none{{ end }}", "none"),
    ("{{ range .Nothing }}a{{ else }}none{{ end }}", "none"),
    ("{{ range 3 }}{{ . }}{{ end }}", "012"),
    ("{{ range $i := 2 }}{{ $i }}{{ end }}", "01"),
    ("{{ range .Names }}{{ if eq . `b` }}{{ continue }}{{ end }}{{ . }}{{ end }}", "ac"),
    ("{{ range .Names }}{{ if eq . `b` }}{{ break }}{{ end }}{{ . }}{{ end }}", "a"),
    ("{{ $last := `` }}{{ range .Names }}{{ $last = . }}{{ end }}{{ $last }}", "c"),
    ("{{ $x := `` }}{{ range $x = .Names }}{{ end }}{{ $x }}", "c"),
    # Pipelines and functions.
    ("{{ .Status | toUpper | printf `%s-%s` `a` }}", "a-FIRING"),
    ("{{ .Names | join `+` }}", "a+b+c"),
    ("{{ printf `%d of %d` (len .Names) 5 | toUpper }}", "3 OF 5"),
    (
        "{{ `x` | html | len }} {{ html .Html }} {{ urlquery `a b&c` }} {{ js `'<` }}",
        "1 &lt;b&gt;&amp;&#34;&#39; a+b%26c \\'\\u003C",
    ),
    ("{{ print 1 2 `a` `b` 3 }}|{{ println 1 `a` }}", "1 2ab3|1 a\n"),
    ("{{ len `é` }} {{ index `abc` 1 }} {{ index .Labels `job` }} {{ index .Labels `no` }}", "2 98 api "),
    ("{{ slice `abcdef` 1 3 }} {{ slice .Names 1 }} {{ slice .Names 0 2 }}", "bc [b c] [a b]"),
    (
        "{{ eq 1 2 1 }} {{ ne `a` `b` }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt 1.5 1.0 }} {{ ge `b` `a` }}",
        "true true true true true true",
    ),
    ("{{ eq .Nothing nil }}", "true"),
    # Templates.
    ('{{ define "t" }}<{{ . }}>{{ end }}{{ template "t" .Status }}{{ template "t" }}', "<firing><<no value>>"),
    ('{{ block "b" .Names }}{{ len . }}{{ end }}', "3"),
    ('{{ define "t" }}a{{ end }}{{ define "t" }}b{{ end }}{{ template "t" . }}', "b"),
    ('{{ define "t" }}a{{ end }}{{ define "t" }} {{ end }}{{ template "t" . }}', "a"),
    ('{{ include "named" .Status }}', "NAMED FIRING"),
    # Times.
    ('{{ .At.Format "2006-01-02T15:04:05.000Z07:00" }}', "2023-11-14T22:13:20.123Z"),
    ('{{ .At.Format "Mon, 2 Jan 06 3:04PM MST -0700" }}', "Tue, 14 Nov 23 10:13PM UTC +0000"),
    (
        "{{ .At.Unix }} {{ .At.Year }} {{ .At.Month }} {{ .At.Weekday }} {{ .At }}",
        "1700000000 2023 November Tuesday 2023-11-14 22:13:20.123 +0000 UTC",
    ),
    ("{{ (.At.Add .Since).Unix }} {{ (.At.Sub .At).Seconds }} {{ .Since.Hours | printf `%.2f` }}", "1700005025 0 1.40"),
]  # fmt: skip


def templates() -> Templates:
    made = Templates(FUNCTIONS)
    made.add("named.tmpl", '{{ define "named" }}named {{ . }}{{ end }}')
    return made


@pytest.mark.parametrize(("text", "expected"), RENDERED)
def test_texts_render_as_in_go(text: str, expected: str) -> None:
    """One construct each."""
    assert templates().render(text, DATA) == expected


PRINTED = [
    ("%d|%5d|%-5d|%05d|%+d|% d", (42,) * 6, "42|   42|42   |00042|+42| 42"),
    ("%x %X %#x %o %b %c %q %U", (255, 255, 255, 8, 5, 65, 65, 0x1F600), "ff FF 0xff 10 101 A 'A' U+1F600"),
    (
        "%f|%.2f|%8.3f|%e|%g|%G", (3.14159, 2.0, 1.5, 1234.5, 1e21, 1e-7),
        "3.141590|2.00|   1.500|1.234500e+03|1e+21|1E-07",
    ),
    (
        "%.3g %.4g %.10g %.1g %g", (1234.5678, 0.00001234, 100000.0, 250.0, 100000.0),
        "1.23e+03 1.234e-05 100000 2e+02 100000",
    ),
    ("%v %v %v %v", (1e6, 123456.0, 0.0001, 1e-5), "1e+06 123456 0.0001 1e-05"),
    ("%s|%10s|%-4s|%.2s|%q|%x", ("abc", "abc", "a", "abc", 'a"\n', "hi"), 'abc|       abc|a   |ab|"a\\"\\n"|6869'),
    ("%v %v %v %s", (None, True, [1, "a"], ["x", "y"]), "<nil> true [1 a] [x y]"),
    ("%t %T %T %T", (True, 1, "a", 1.0), "true int string float64"),
    ("%d%%", (50,), "50%"),
    ("%05s|%08.3f|%+08d|%-05d", ("a", 3.14159, 42, 3), "0000a|0003.142|+0000042|3    "),
    ("%z", (1,), "%!z(int=1)"),
    ("%[3]d", (1,), "%!d(BADINDEX)"),
    ("%!", (), "%!!(MISSING)"),
    ("%[2]d %[1]d", (1, 2), "2 1"),
    ("%*d|%-*d|%.*f", (4, 1, 3, 2, 1, 2.55), "   1|2  |2.5"),
    ("%d", ("a",), "%!d(string=a)"),
    ("%d %d", (1,), "1 %!d(MISSING)"),
    ("%d", (1, "b"), "1%!(EXTRA string=b)"),
    ("%s", (5,), "%!s(int=5)"),
    ("%s %d", (None, None), "%!s(<nil>) %!d(<nil>)"),
    ("%", (), "%!(NOVERB)"),
    ("%v %f %+f", (float("nan"), float("-inf"), float("inf")), "NaN -Inf +Inf"),
    ("%s", (Duration(1_500_000_000),), "1.5s"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "arguments", "expected"), PRINTED)
def test_printf_prints_as_in_go(text: str, arguments: tuple[Any, ...], expected: str) -> None:
    """Verbs, flags, and what stands there for an argument that does not fit."""
    names = [f"a{index}" for index in range(len(arguments))]
    call = f"{{{{ printf .text {' '.join(f'.{name}' for name in names)} }}}}"
    assert templates().render(call, {"text": text, **dict(zip(names, arguments, strict=True))}) == expected


@pytest.mark.parametrize(
    ("nanoseconds", "expected"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_500, "1.5µs"),
        (2_000_000, "2ms"),
        (-90_000_000_000, "-1m30s"),
        (3_600_000_000_000, "1h0m0s"),
    ],
)
def test_durations_print_as_in_go(nanoseconds: int, expected: str) -> None:
    """In the largest unit that fits, below a second."""
    assert Duration(nanoseconds).go_string() == expected


REFUSED = [
    ("{{", 1, 1, "unclosed action"),
    ("a\nb {{ .x", 2, 3, "unclosed action"),
    ("{{ }}", 1, 4, "missing value for command"),
    ("{{/* a", 1, 1, "unclosed comment"),
    ("{{/* a */ x }}", 1, 1, "comment ends before closing delimiter"),
    ('{{ "abc }}', 1, 4, "unterminated quoted string"),
    ("{{ `abc }}", 1, 4, "unterminated raw quoted string"),
    ("{{ '' }}", 1, 4, "malformed character constant"),
    ('{{ "\\z" }}', 1, 5, "unknown escape"),
    ("{{ nope 1 }}", 1, 4, "function 'nope' not defined"),
    ("ok\n{{ $x }}", 2, 4, "undefined variable '$x'"),
    ("{{ $x = 1 }}", 1, 4, "undefined variable '$x'"),
    ("{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", 1, 39, "undefined variable '$x'"),
    ("{{ if .x }}", 1, 12, "expected {{end}}"),
    ("{{ if }}a{{ end }}", 1, 7, "missing value for if"),
    ("{{ end }}", 1, 4, "unexpected {{end}}"),
    ("{{ if 1 }}{{ else }}{{ else }}{{ end }}", 1, 24, "another {{else}}"),
    ("{{ break }}", 1, 4, "{{break}} outside {{range}}"),
    ("{{ range . }}{{ define `x` }}{{ end }}{{ end }}", 1, 17, "unexpected {{define}}"),
    ("{{ template }}", 1, 4, "expected a quoted name"),
    ("{{ (1 }}", 1, 4, "unclosed left paren"),
    ("{{ 1) }}", 1, 5, "unexpected ')' in"),
    ("{{ 1 | 2 }}", 1, 8, "non executable command in pipeline stage 2"),
    ("{{ 1 | }}", 1, 6, "missing command after |"),
    ("{{ nil }}", 1, 4, "nil is not a command"),
    ("{{ .a.b..c }}", 1, 8, "unexpected '.' in operand"),
    ("{{ `a`.b }}", 1, 4, "unexpected '.b' after term"),
    ("{{ 1a }}", 1, 4, "bad number syntax"),
    ("{{ 9223372036854775808 }}", 1, 4, "integer overflow"),
    ("{{ a & b }}", 1, 6, "unexpected character '&'"),
    ("{{ $a, $b := 1 }}", 1, 6, "too many declarations"),
    ("{{ if 1 }}{{ else with 2 }}{{ end }}", 1, 19, "unexpected {{else with}}"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), REFUSED)
def test_what_is_no_template_is_refused_with_its_place(text: str, line: int, column: int, message: str) -> None:
    """Line and column are those of what is wrong."""
    with pytest.raises(TemplateError) as refused:
        templates().check(text)
    assert message in refused.value.message
    assert (refused.value.line, refused.value.column) == (line, column)


FAILED = [
    ("{{ .Status.x }}", 1, 4, "can't evaluate field x in type string"),
    ("\n\n  {{ .Nothing.x }}", 3, 6, "nil data; no entry for key 'x'"),
    ("{{ .Names.__class__ }}", 1, 4, "can't evaluate field __class__"),
    ("{{ .At.__class__ }}", 1, 4, "can't evaluate field __class__ in type time.Time"),
    ("{{ .Status 1 }}", 1, 4, "Status is not a method but has arguments"),
    ("{{ 1 2 }}", 1, 4, "can't give argument to non-function"),
    ("{{ toUpper }}", 1, 4, "wrong number of args for toUpper: want 1 got 0"),
    ("{{ toUpper 1 }}", 1, 4, "error calling toUpper: 'int' object has no attribute 'upper'"),
    ("{{ fail }}", 1, 4, "error calling fail: no such thing"),
    ("{{ range 1.5 }}{{ end }}", 1, 10, "range can't iterate over 1.5"),
    ("{{ range `abc` }}{{ end }}", 1, 10, "range can't iterate over abc"),
    ("{{ index .Names 3 }}", 1, 4, "index out of range: 3"),
    ("{{ index .Names `a` }}", 1, 4, "cannot index slice/array with type string"),
    ("{{ slice `abc` 2 1 }}", 1, 4, "invalid slice index: 2 > 1"),
    ("{{ eq 1 `1` }}", 1, 4, "incompatible types for comparison"),
    ("{{ gt .Share 1 }}", 1, 4, "incompatible types for comparison: float64 and int"),
    ("{{ lt true false }}", 1, 4, "invalid type for comparison: bool"),
    ("{{ len 3 }}", 1, 4, "len of type int"),
    ('{{ template "none" . }}', 1, 4, "template 'none' not defined"),
    (
        '{{ define "loop" }}{{ template "loop" . }}{{ end }}{{ template "loop" . }}', 1, 23,
        f"maximum template depth ({CALLS_MAX})",
    ),
    ('{{ define "loop" }}{{ include "loop" . }}{{ end }}{{ template "loop" . }}', 1, 23, "maximum template depth"),
    ("{{ range 1000000000 }}{{ end }}", 1, 4, f"at most {STEPS_MAX:,} steps"),
    ("{{ range 100 }}{{ big }}{{ end }}", 1, 16, f"at most {OUTPUT_CHARACTERS_MAX:,} characters of output"),
    ("{{ range 100 }}{{ $x := big }}{{ end }}", 1, 25, f"at most {MADE_CHARACTERS_MAX:,} characters"),
    (f"{{{{ printf `%{WIDTH_MAX + 1}d` 1 }}}}", 1, 4, f"at most {WIDTH_MAX:,}"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "message"), FAILED)
def test_what_fails_on_its_data_says_where(text: str, line: int, column: int, message: str) -> None:
    """Never another exception, whatever functions do."""
    with pytest.raises(TemplateError) as failed:
        templates().render(text, DATA)
    assert message in failed.value.message
    assert (failed.value.line, failed.value.column) == (line, column)


def test_limits_hold_exactly() -> None:
    """What is at a limit is taken; one more is refused."""
    made = templates()
    assert len(made.render("x" * TEXT_CHARACTERS_MAX, None)) == TEXT_CHARACTERS_MAX
    with pytest.raises(TemplateError, match="characters"):
        made.render("x" * (TEXT_CHARACTERS_MAX + 1), None)
    nested = "{{ if 1 }}" * NESTING_MAX + "x" + "{{ end }}" * NESTING_MAX
    assert made.render(nested, None) == "x"
    with pytest.raises(TemplateError, match="within each other"):
        made.render("{{ if 1 }}" + nested + "{{ end }}", None)
    with pytest.raises(TemplateError, match="within each other"):
        made.check("{{ " + "(" * 100_000 + " }}")
    assert len(made.render(f"{{{{ printf `%{WIDTH_MAX}d` 1 }}}}", None)) == WIDTH_MAX


def test_variables_come_from_outside_and_stay_out_of_definitions() -> None:
    """As with `$labels` and `$value` of a rule: a definition sees nothing but its dot."""
    made = templates()
    variables = {"labels": {"job": "api"}, "value": 1.5}
    assert made.render("{{ $labels.job }} {{ $value }}", None, variables=variables) == "api 1.5"
    made.check("{{ $value }}", variables=frozenset({"value"}))
    with pytest.raises(TemplateError, match="undefined variable"):
        made.render('{{ define "x" }}{{ $value }}{{ end }}', None, variables=variables)


def test_files_define_templates_and_later_ones_win() -> None:
    """An error names the file; nothing of a file with an error is taken."""
    made = templates()
    made.add("mine.tmpl", '{{ define "named" }}mine {{ template "other" . }}{{ end }}{{ define "other" }}!{{ end }}')
    assert made.render('{{ template "named" . }}', 1) == "mine !"
    with pytest.raises(TemplateError, match=r"broken\.tmpl: line 2, column 4: function 'x' not defined") as refused:
        made.add("broken.tmpl", '{{ define "named" }}broken{{ end }}\n{{ x }}')
    assert refused.value.template == "broken.tmpl"
    assert made.render('{{ template "named" . }}', 1) == "mine !"
    made.add("late.tmpl", '{{ define "late" }}{{ .x.y }}{{ end }}')
    with pytest.raises(TemplateError, match=r"late\.tmpl: line 1, column 23"):
        made.render('{{ template "late" . }}', {"x": "text"})


def test_what_is_printed_is_escaped_where_asked_for() -> None:
    """The text of the template is not, nor what a function marks as safe."""
    made = Templates({"safe": SafeText})
    text = "<p>{{ .a }}{{ safe .a }}</p>"
    assert made.render(text, {"a": "<&"}, escape=escape_html) == "<p>&lt;&amp;<&</p>"


def test_what_is_missing_can_show() -> None:
    """As with Go's default option."""
    assert Templates({}, missing=NO_VALUE).render("{{ .a }}{{ if .a }}x{{ end }}", {}) == "<no value>"


PIECES = st.sampled_from(
    [
        *[
            "{{",
            "}}",
            "{{-",
            "-}}",
            "if",
            "range",
            "end",
            "else",
            "with",
            "define",
            "template",
            "block",
            "break",
            "continue",
            "/*",
            "*/",
        ],
        *[
            "$",
            "$x",
            ":=",
            "=",
            "|",
            "(",
            ")",
            ".",
            ".a",
            "1",
            "-1",
            "1e9",
            "0x",
            ",",
            "`",
            "'",
            "%",
            "\\",
            "é",
            "true",
            "nil",
            "printf",
            "index",
            "len",
            "slice",
            "html",
            "include",
        ],
        *(" ", "\n", '"a"', "\ud800", "%d"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def failure(render: Callable[[], str]) -> TemplateError | None:
    """What it raises; anything but a TemplateError fails the test."""
    try:
        assert isinstance(render(), str)
    except TemplateError as error:
        return error
    return None


@settings(max_examples=1500, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=30), VALUES)
def test_no_text_and_no_data_make_it_crash(text: str, data: Any) -> None:
    """Whatever is written and whatever it is filled with: a text, or a TemplateError with a place in it."""
    error = failure(lambda: templates().render(text, data))
    assert error is None or (1 <= error.line <= text.count("\n") + 1 and error.column >= 1)


@settings(max_examples=1000, deadline=None)
@given(st.text(alphabet="%+-# 0123456789.*[]vdsqxXtTfgeGEcUbop!", max_size=12), st.lists(VALUES, max_size=4))
def test_no_format_makes_printf_crash(text: str, arguments: list[Any]) -> None:
    """What does not fit is told in the text."""
    names = {f"a{index}": value for index, value in enumerate(arguments)}
    call = f"{{{{ printf .text {' '.join('.' + name for name in names)} }}}}"
    error = failure(lambda: templates().render(call, {"text": text, **names}))
    assert error is None or f"{WIDTH_MAX:,}" in error.message
