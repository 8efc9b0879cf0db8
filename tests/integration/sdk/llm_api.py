"""A server that answers as the documentation of OpenAI's and Anthropic's APIs says; which way, the model's name says.

Everything that nobody but the app may see says ZEBRA.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

OPENAI_LIMITS = {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "1s",
    "x-ratelimit-limit-tokens": "150000",
    "x-ratelimit-remaining-tokens": "149984",
    "x-ratelimit-reset-tokens": "6m0s",
    "x-request-id": "req_1",
}
ANTHROPIC_LIMITS = {
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-requests-reset": "2099-01-01T00:00:00Z",
    "anthropic-ratelimit-output-tokens-remaining": "7900",
    "request-id": "req_2",
}
CHAT_USAGE = {
    "prompt_tokens": 30,
    "completion_tokens": 12,
    "total_tokens": 42,
    "prompt_tokens_details": {"cached_tokens": 10, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 0},
}
RESPONSE_USAGE = {
    "input_tokens": 20,
    "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 0},
    "output_tokens": 9,
    "output_tokens_details": {"reasoning_tokens": 4},
    "total_tokens": 29,
}
TOOL_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "look_up", "arguments": '{"who": "ZEBRA-ARGUMENT"}'},
}


class Refused(Exception):
    def __init__(self, status: int, body: dict[str, Any], **headers: str) -> None:
        super().__init__(status)
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class LlmApi:
    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.over = threading.Event()
        self._seen: Counter[str] = Counter()

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any] | list[str]:
        """A body, or a stream's events. Raises Refused."""
        model = body["model"]
        self._seen[path + model] += 1
        error = _anthropic_error if path == "/v1/messages" else _openai_error
        if model.startswith("busy") and self._seen[path + model] <= 2:
            raise Refused(429, error("rate_limit"), retry_after="0.01")
        if model == "broken":
            raise Refused(500, error("server"), retry_after_ms="5")
        if model == "quota":
            raise Refused(429, error("quota"))
        if model == "wrong":
            raise Refused(400, error("wrong"))
        if model == "slow":
            self.over.wait(20)
        return PATHS[path](body)


def _openai_error(kind: str) -> dict[str, Any]:
    code = {"rate_limit": "rate_limit_exceeded", "quota": "insufficient_quota", "wrong": "context_length_exceeded"}
    return {"error": {"message": "ZEBRA-QUOTED is wrong", "type": "x_error", "param": None, "code": code.get(kind)}}


def _anthropic_error(kind: str) -> dict[str, Any]:
    name = {"rate_limit": "rate_limit_error", "server": "api_error", "quota": "rate_limit_error"}
    return {"type": "error", "error": {"type": name.get(kind, "invalid_request_error"), "message": "ZEBRA-QUOTED"}}


def _chat(body: dict[str, Any]) -> dict[str, Any] | list[str]:
    model = body["model"]
    answer = {"id": "chatcmpl-1", "created": 1, "model": f"{model}-2026-01-15"}
    message: dict[str, Any] = {"role": "assistant", "content": "ZEBRA-ANSWER", "refusal": None}
    reason = "stop"
    if body.get("tools"):
        message, reason = {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}, "tool_calls"
    if body.get("response_format"):
        message["content"] = {"shaped": '{"city": "ZEBRA-CITY"}', "misshaped": '{"city": {"ZEBRA": 1}}'}[model]
    if not body.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
        return answer | {"object": "chat.completion", "choices": [choice], "usage": CHAT_USAGE}
    answer["object"] = "chat.completion.chunk"
    parts: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, {"content": "ZEBRA"}, {"content": "-ANSWER"}]
    chunks = [answer | {"choices": [{"index": 0, "delta": one, "finish_reason": None}]} for one in parts]
    if model == "dying":
        return [*map(_data, chunks), _data(_openai_error("server"))]
    if model == "cut":
        return [*map(_data, chunks), ""]
    chunks.append(answer | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    if (body.get("stream_options") or {}).get("include_usage"):
        chunks = [one | {"usage": None} for one in chunks]
        chunks.append(answer | {"choices": [], "usage": CHAT_USAGE})
    return [*map(_data, chunks), "data: [DONE]\n\n"]


def _respond(body: dict[str, Any]) -> dict[str, Any] | list[str]:
    whole: dict[str, Any] = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": f"{body['model']}-2026-01-15",
        "error": None,
        "incomplete_details": None,
        "instructions": "ZEBRA-SYSTEM",
        "output": [
            {
                "type": "message",
                "id": "msg_1",
                "status": "completed",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "ZEBRA-ANSWER", "annotations": []}],
            }
        ],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "temperature": 1.0,
        "top_p": 1.0,
        "metadata": {},
        "usage": RESPONSE_USAGE,
    }
    if body["model"] == "short":
        whole |= {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    if not body.get("stream"):
        return whole
    begun = whole | {"status": "in_progress", "usage": None, "output": []}
    delta = {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0}
    events = [
        {"type": "response.created", "response": begun},
        delta | {"delta": "ZEBRA-ANSWER", "logprobs": []},
        {"type": "response.completed", "response": whole},
    ]
    if body["model"] == "dying":
        error = {"code": "server_error", "message": "ZEBRA-QUOTED"}
        events[-1] = {"type": "response.failed", "response": begun | {"status": "failed", "error": error}}
    return [_event(one | {"sequence_number": number}) for number, one in enumerate(events)]


def _embed(body: dict[str, Any]) -> dict[str, Any]:
    vector = {"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}
    return {
        "object": "list",
        "data": [vector],
        "model": body["model"],
        "usage": {"prompt_tokens": 6, "total_tokens": 6},
    }


def _message(body: dict[str, Any]) -> dict[str, Any] | list[str]:
    content: list[dict[str, Any]] = [{"type": "text", "text": "ZEBRA-ANSWER"}]
    reason = "end_turn"
    if body.get("tools"):
        tool = {"type": "tool_use", "id": "toolu_1", "name": "look_up", "input": {"who": "ZEBRA-ARGUMENT"}}
        content, reason = [*content, tool], "tool_use"
    usage = {
        "input_tokens": 40,
        "cache_creation_input_tokens": 100,
        "cache_read_input_tokens": 200,
        "output_tokens": 15,
    }
    whole = {
        "id": "msg_2",
        "type": "message",
        "role": "assistant",
        "model": f"{body['model']}-20260115",
        "content": content,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": usage,
    }
    if not body.get("stream"):
        return whole
    begun = whole | {"content": [], "stop_reason": None, "usage": usage | {"output_tokens": 1}}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "ZEBRA-ANSWER"}},
    ]
    if body["model"] == "dying":
        error = {"type": "overloaded_error", "message": "ZEBRA-QUOTED"}
        return [*map(_event, events), _event({"type": "error", "error": error})]
    events += [
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 15},
        },
        {"type": "message_stop"},
    ]
    return [_event(one) for one in events]


PATHS = {
    "/v1/chat/completions": _chat,
    "/v1/responses": _respond,
    "/v1/embeddings": _embed,
    "/v1/messages": _message,
}


def _data(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value)}\n\n"


def _event(value: dict[str, Any]) -> str:
    return f"event: {value['type']}\n{_data(value)}"


@contextmanager
def answering() -> Iterator[LlmApi]:
    api = LlmApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            path = self.path.partition("?")[0]
            api.asked.append((path, {name.lower(): value for name, value in self.headers.items()}, body))
            limits = ANTHROPIC_LIMITS if path == "/v1/messages" else OPENAI_LIMITS
            # Some who ask are gone by the time of the answer.
            with suppress(ConnectionError):
                try:
                    answer = api.answer(path, body)
                except Refused as refused:
                    self._whole(refused.status, refused.body, limits | refused.headers)
                    return
                if isinstance(answer, list):
                    self._stream(answer, limits)
                else:
                    self._whole(200, answer, limits)

        def _whole(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
            sent = json.dumps(body).encode()
            self._head(status, headers | {"content-type": "application/json", "content-length": str(len(sent))})
            self.wfile.write(sent)

        def _stream(self, events: Iterable[str], headers: dict[str, str]) -> None:
            self._head(200, headers | {"content-type": "text/event-stream", "transfer-encoding": "chunked"})
            for one in events:
                if not one:
                    # Cut off: the connection is closed where another piece should come.
                    self.close_connection = True
                    return
                sent = one.encode()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent))
            self.wfile.write(b"0\r\n\r\n")

        def _head(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            self.send_header("set-cookie", "__cf_bm=ZEBRA-COOKIE")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield api
    finally:
        api.over.set()
        server.shutdown()
        server.server_close()
