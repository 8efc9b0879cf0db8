"""The rules that watch probes and heartbeats, as a rule file of Prometheus: in force without a plan that has any."""

FILE = "midwatch/uptime"
RULES = """
groups:
  - name: midwatch/probes
    interval: 15s
    rules:
      - alert: ProbeDown
        expr: probe_state{state="down"} == 1
        labels:
          severity: critical
        annotations:
          summary: '{{ $labels.probe }} is down'
          description: >-
            {{ $labels.instance }} does not answer as it should. Each location has confirmed it by retries, and sees
            others that it can reach. The probe's page says why.
      - alert: ProbeUnknown
        expr: probe_state{state="unknown"} == 1
        for: 10m
        labels:
          severity: warning
        annotations:
          summary: 'Midwatch cannot tell whether {{ $labels.probe }} is up'
          description: >-
            Its own network, its permissions or its settings keep it from asking {{ $labels.instance }}, or no location
            has told anything for 10 minutes. Nobody would be told if it were down.
      - alert: ProbeFlapping
        expr: probe_flapping == 1
        for: 15m
        labels:
          severity: warning
        annotations:
          summary: '{{ $labels.probe }} goes up and down'
          description: '{{ $labels.instance }} has changed at least four times in half an hour.'
      - alert: ProbeCertificateExpires
        expr: min without (location) (probe_ssl_earliest_cert_expiry) - time() < 14 * 86400
        for: 10m
        labels:
          severity: warning
        annotations:
          summary: 'The certificate of {{ $labels.probe }} expires in {{ $value | humanizeDuration }}'
          description: '{{ $labels.instance }} needs a new one.'
      - alert: ProbeCertificateExpiresSoon
        expr: min without (location) (probe_ssl_earliest_cert_expiry) - time() < 3 * 86400
        for: 10m
        labels:
          severity: critical
        annotations:
          summary: 'The certificate of {{ $labels.probe }} expires in {{ $value | humanizeDuration }}'
          description: 'Whatever was to renew it for {{ $labels.instance }} has not.'
  - name: midwatch/heartbeats
    interval: 15s
    rules:
      - alert: HeartbeatMissing
        expr: heartbeat_up == 0
        labels:
          severity: critical
        annotations:
          summary: '{{ $labels.heartbeat }} gives no good sign of life'
          description: >-
            It was not heard of in time, says that it failed, or runs for too long, as often as its threshold allows.
            The heartbeat's page says which.
      - alert: HeartbeatOverlapping
        expr: heartbeat_overlapping == 1
        for: 5m
        labels:
          severity: warning
        annotations:
          summary: 'Runs of {{ $labels.heartbeat }} overlap'
          description: A run began while one before it had not ended.
      - alert: HeartbeatNeverHeard
        expr: heartbeat_state{state="new"} == 1
        for: 1d
        labels:
          severity: warning
        annotations:
          summary: '{{ $labels.heartbeat }} was never heard of'
          description: It is expected and has not given a single sign of life for a day. Nobody would miss it.
"""
