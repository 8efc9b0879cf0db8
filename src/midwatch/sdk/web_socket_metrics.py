"""What is counted of WebSockets, and of the protocols that run over them."""

from midwatch.sdk.setup import METRICS

RECEIVED, SENT = "received", "sent"
ACCEPTED, REJECTED, FAILED = "accepted", "rejected", "failed"
CLIENT, SERVER = "client", "server"
LOST, GONE, NOT_ACKNOWLEDGED = "lost", "gone", "not_acknowledged"


class SocketMetrics:
    """`websocket_…` of those who serve, `websocket_client_…` of those who connect to others.

    `route` is a template of the app's, or a namespace of Socket.IO; `event` is empty where messages have no names.
    """

    def __init__(self, prefix: str) -> None:
        counter, gauge = METRICS.counter, METRICS.gauge
        self.active = gauge(f"{prefix}_active_connections", "WebSockets that are open", ("route",))
        self.connections = counter(
            f"{prefix}_connections_total", "WebSockets that were asked for", ("route", "outcome")
        )
        self.disconnects = counter(
            f"{prefix}_disconnects_total", "WebSockets that ended, by who ended them and why", ("route", "by", "reason")
        )
        self.messages = counter(
            f"{prefix}_messages_total", "Messages that came and went", ("route", "direction", "event")
        )
        self.undelivered = counter(
            f"{prefix}_delivery_failures_total",
            "Messages that could not be sent, or that nobody acknowledged",
            ("route", "event", "reason"),
        )


class EventMetrics(SocketMetrics):
    """And those of a protocol with events, acknowledgements and clients that come back."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.handled = METRICS.histogram(
            f"{prefix}_event_duration_seconds", "How long handlers of events take", ("route", "event", "status")
        )
        self.acknowledged = METRICS.histogram(
            f"{prefix}_ack_seconds", "From a message to its acknowledgement", ("route", "event")
        )
        self.reconnects = METRICS.counter(
            f"{prefix}_reconnects_total", "Clients that came back after their connection had ended", ("route",)
        )
        self.round_trips = METRICS.histogram(
            f"{prefix}_ping_seconds", "From a ping to its pong: how far away the client is"
        )
        self.rooms = METRICS.gauge(f"{prefix}_rooms", "Rooms with somebody in them", ("route",))
