"""What Debian's amtool renders, Midwatch renders: the same texts over the same data."""

import json
import subprocess
from pathlib import Path

from tests.alertmanager import programs
from tests.integration.notify.conftest import alert, told

from midwatch.server.notify.channels.webhook.message import payload
from midwatch.server.notify.data import template_data
from midwatch.server.notify.functions import Moment
from midwatch.server.notify.texts import Texts
from midwatch.server.notify.told import Told

TEXTS = r"""
{{ .Status }} {{ .Receiver }} {{ .ExternalURL }} {{ .Alerts | len }} {{ .Alerts.Firing | len }}
{{ .Alerts.Resolved | len }}
{{ .GroupLabels }} {{ .CommonLabels }} [{{ .GroupLabels.nope }}] {{ .CommonAnnotations.summary }}
{{ index .GroupLabels "no" }}
{{ range .Alerts }}{{ .Labels.SortedPairs }} {{ .Labels.Names }} {{ .Labels.Values }} {{ .Fingerprint }}
{{ .GeneratorURL }};{{ end }}
{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}
{{ (.CommonLabels.Remove (stringSlice "severity")).Names }}
{{ range $i, $a := .Alerts }}{{ if $i }}, {{ end }}{{ $a.Labels.service }}{{ end }}
{{ range $k, $v := .CommonLabels }}{{ $k }}:{{ $v }}{{ end }}
{{ range .Alerts.Firing }}{{ .StartsAt.Format "Mon, 2 Jan 06 3:04PM MST -0700 .000" }} {{ .StartsAt.Unix }}
{{ .EndsAt.IsZero }};{{ end }}
{{ title "hello wORLD it's" }} {{ "a-b" | toUpper }} {{ toLower "ÄB" }} {{ join "," (stringSlice "a" "b") }}
{{ match "^a" "ab" }}
{{ reReplaceAll "(a)(b)" "$2${1}x" "abab" }} {{ safeHtml "<b>" }} {{ html "<b>&\"'" }} {{ urlquery "a b&c/~" }}
{{ js "'<" }}
{{ print 1 2 `a` `b` 3 }} {{ printf "%.3g %.4g %.10g %.1g %g" 1234.5678 0.00001234 100000.0 250.0 100000.0 }}
{{ printf "%v %v %v %v %v" 1e6 123456.0 0.0001 1e-5 1234567.0 }}
{{ printf "%x %X %#x %o %b %c %q %U" 255 255 255 8 5 65 65 128512 }}
{{ printf "%f|%.2f|%8.3f|%e|%g|%G" 3.14159 2.0 1.5 1234.5 1e21 1e-7 }}
{{ printf "%08.3f|%+08d|%x|%-05d|%05s" 3.14159 42 -255 3 "a" }}
{{ printf "%!" }}|{{ printf "%" }}|{{ printf "%d" "a" }}|{{ printf "%[2]d %[1]d" 1 2 }}|{{ printf "%*d" 4 1 }}|
{{ printf "%+.2e" 12345.678 }}
{{ printf "%[3]d" 1 }}|{{ printf "%z" 1 }}|{{ printf "%5t|%t" true 1 }}|{{ printf "% x" "hi" }}|
{{ printf "%6.2f%%" 99.5 }}|{{ printf "%q" "a\"\n" }}
{{ printf "%s" nil }}|{{ printf "%v" nil }}|{{ printf "%T %T" 1 1.5 }}|
{{ printf "%.3s|%.0f|%g" "abcdef" 2.5 100000000.0 }}|{{ len "é" }}
{{ index "abc" 1 }} {{ slice "abcdef" 1 3 }} {{ and 1 0 2 }} {{ or 0 "x" }} {{ not 1 }} {{ eq 1 2 1 }} {{ 'a' }}
{{ 0x1F }} {{ 017 }}
{{ 1_000 }} {{ 1e3 }} {{ 1.50 }} {{ .5 }} {{- " trimmed " -}} {{/* nothing */}}
{{ with .GroupLabels }}{{ .alertname }}{{ else }}no{{ end }}
{{ define "t" }}<{{ . }}>{{ end }}{{ template "t" .Status }}{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}
"""


def test_texts_and_data_are_amtools(tmp_path: Path) -> None:
    """Line by line; the data are read from the webhook's payload."""
    program = programs()[1]
    notification = told("webhook", alerts=[alert(service="api"), alert(service="worker", team="x")])
    moment = Moment(notification.at_ns, {})
    data = template_data(notification, "https://midwatch.example.com", {})
    texts = Texts()
    sent = payload(Told("id", notification, data, texts, moment), 0)
    (tmp_path / "data.json").write_text(json.dumps(sent))
    (tmp_path / "empty.tmpl").write_text("")
    command = [program, "template", "render", f"--template.glob={tmp_path / 'empty.tmpl'}"]
    command += [f"--template.data={tmp_path / 'data.json'}", f"--template.text={TEXTS}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    ours = texts.text(TEXTS, data, moment).splitlines()
    assert ours == done.stdout.removesuffix("\n").splitlines()[: len(ours)]
    assert len(ours) > 20, "all of it was rendered"
