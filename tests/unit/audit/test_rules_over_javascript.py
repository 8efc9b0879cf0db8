"""Each rule over TypeScript and JavaScript: what it tells, and what looks like it and is none."""

from pathlib import Path

import pytest

from tests.unit.audit.judging import judged

TOLD = {
    "console": ("export function f() { console.log('x') }\n", [("print-as-log", 1)]),
    "a template": ("logger.info(`user ${id}`)\n", [("values-in-message", 1)]),
    "joined": ("logger.info('user ' + id)\n", [("values-in-message", 1)]),
    "the text alone": ("try { f() } catch (e) { logger.error('failed', e.message) }\n", [("stack-lost", 1)]),
    "a secret": ("logger.info({ password })\n", [("private-data-in-log", 1)]),
    "a header": ("logger.info('in', req.headers)\n", [("private-data-in-log", 1)]),
    "personal data": ("logger.info({ to: user.email }, 'mail')\n", [("private-data-in-log", 1)]),
    "the environment": ("logger.info(JSON.stringify(process.env))\n", [("private-data-in-log", 1)]),
    "swallowed": ("try { f() } catch (e) {}\n", [("swallowed-exception", 1)]),
    "swallowed without a name": ("try {\n  f()\n} catch {\n  // ignore\n}\n", [("swallowed-exception", 3)]),
    "a promise": ("f()\n  .catch(() => {})\n", [("swallowed-exception", 2)]),
    "a promise that becomes a constant": ("const x = await f().catch(() => null)\n", [("swallowed-exception", 1)]),
    "a page that goes on": ("export async function f() { try { await g(); h() } catch { x = 0 } }\n", [("handler-without-log", 1)]),
    "what is done, said above": (
        "// authenticate to the relay first\ntry { await relay.publish(e) } catch { }\n",
        [("swallowed-exception", 2)],
    ),
    "a file that is read": ("const load = () => { try { return fs.readFileSync(p) } catch { return {} } }\n", [("swallowed-exception", 1)]),
    "answered and not logged": (
        "try { await f() } catch (e) { res.status(500).json({ error: e.message }) }\n",
        [("handler-without-log", 1)],
    ),
    "no time-out": ("const x = await fetch(process.env.OTHER_URL)\n", [("call-without-timeout", 1)]),
    "axios": ("import axios from 'axios'\nimport fs from 'fs'\naxios.get(url, { headers })\n", [("call-without-timeout", 3)]),
    "Redis": ("const { createClient } = require('redis')\nconst c = createClient()\n", [("client-errors-unheard", 2)]),
    "PostgreSQL": ("import { Pool } from 'pg'\nexport const pool = new Pool()\n", [("client-errors-unheard", 2)]),
    "a socket without errors": ("const ws = new WebSocket(url)\nws.onmessage = f\n", [("socket-errors-unheard", 1)]),
    "connections without ends": (
        "import { Server } from 'socket.io'\nio.on('connection', (socket) => { g(socket) })\n",
        [("disconnects-unseen", 2)],
    ),
    "a schedule": ("const cron = require('node-cron')\ncron.schedule('* * * * *', f)\n", [("unmonitored-job", 2)]),
    "a timer": ("const fs = require('fs')\nsetInterval(f, 1000)\n", [("unmonitored-job", 2)]),
    "a rate limit in memory": (
        "const rateLimit = require('express-rate-limit')\napp.use(rateLimit({ max: 5 }))\n",
        [("in-memory-rate-limit", 2)],
    ),
    "metrics in memory": (
        "const metrics = { hits: 0 }\nmodule.exports = () => { metrics.hits++ }\n",
        [("in-memory-metrics", 1)],
    ),
    "metrics in a class": (
        "import fs from 'fs'\nclass Store {\n  private latencies = []\n  add(x) { this.latencies.push(x) }\n}\n",
        [("in-memory-metrics", 3)],
    ),
}  # fmt: skip

NOT_TOLD = {
    "in development": "if (process.env.NODE_ENV !== 'production') { console.log('x') }\n",
    "a program": "#!/usr/bin/env node\nconsole.log('x')\n",
    "the logger itself": "class Logger { info(x) { console.log(x) } }\n",
    "fields": "logger.info({ userId: id }, 'user')\n",
    "the error itself": "try { f() } catch (e) { logger.error({ err: e }, e.message) }\n",
    "thrown": "try { f() } catch (e) { throw new Other(e) }\n",
    "next": "try { f() } catch (e) { next(e) }\n",
    "JSON": "try { x = JSON.parse(y) } catch { x = null }\n",
    "storage": "try { localStorage.setItem('a', 'b') } catch {}\n",
    "closing": "try { socket.close() } catch {}\n",
    "a reason": "try { f() } catch {\n  // the cache is only a help\n}\n",
    "thrown at once": "const x = await f().catch(() => null)\nif (!x) throw new Error('y')\n",
    "a body": "try { x = await request.clone().json() } catch { x = undefined }\n",
    "whether": "function ok() { try { f(); return true } catch { return false } }\n",
    "a colour": "function text(c) { try { c = chroma(c); return darkest(c) } catch { return null } }\n",
    "equal": "const same = (a, b) => { try { return JSON.stringify(a) === JSON.stringify(b) } catch { return false } }\n",
    "a date": "let at\ntry { at = day.toISOString() } catch (_) {}\n",
    "drag and drop": "function start(e) { try { e.dataTransfer.setData('id', '1') } catch {} }\n",
    "overtaken": "this.$router.push({ query }).catch(() => {})\n",
    "a body over lines": "const b = await response\n  .clone()\n  .json()\n  .catch(() => null)\n",
    "a folder that need not be there": "function cover(d) { try { return fs.readdirSync(d)[0] } catch { return null } }\n",
    "unpacked": "async function f(t) { try { return (await decompress(t)).toString() } catch { return t } }\n",
    "tidied": "async function f() { try { g() } finally { await handle.cleanup().catch(() => {}) } }\n",
    "another way": "async function f() { try { return await rows('a') } catch { return await rows('b') } }\n",
    "a reason, and goes on": "try { x = await ask(); y() } catch {\n  // we assume that it has one\n  x = true\n}\n",
    "a reason above": "// the stats are optional, it may fail\ntry { await copy(a, b) } catch {}\n",
    "a signal": "const x = await fetch(process.env.OTHER_URL, { signal: AbortSignal.timeout(1000) })\n",
    "options from elsewhere": "const x = await fetch(process.env.OTHER_URL, options)\n",
    "our own server": "const x = await fetch('/api/x')\n",
    "the browser's own": "'use client'\nconst x = await fetch(url)\n",
    "listened to": "import { Pool } from 'pg'\nexport const pool = new Pool()\npool.on('error', f)\n",
    "a socket with errors": "const ws = new WebSocket(url)\nws.onerror = f\n",
    "acknowledged": "import { io } from 'socket.io-client'\nconst s = io()\ns.on('connect_error', f)\ns.emit('m', x, (ok) => g(ok))\n",
    "a store": "const rateLimit = require('express-rate-limit')\napp.use(rateLimit({ max: 5, store }))\n",
    "a table": "const metrics = { a: 1 }\nmodule.exports = () => metrics.a\n",
    "a count of tokens": "logger.info({ tokens: usage.tokens, tokenCount })\n",
    "a try of a schedule": "const { Cron } = require('croner')\nnew Cron(text, () => {})\n",
}  # fmt: skip


@pytest.mark.parametrize("case", TOLD)
def test_what_is_told(tmp_path: Path, case: str) -> None:
    """Rule and line."""
    code, expected = TOLD[case]
    assert judged(tmp_path, "service/views.ts", code) == expected


@pytest.mark.parametrize("case", NOT_TOLD)
def test_what_looks_like_it_and_is_none(tmp_path: Path, case: str) -> None:
    """Nothing is told of it."""
    assert judged(tmp_path, "service/views.ts", NOT_TOLD[case]) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a.js", "// @flow\nfunction f(x: string) {}\ntry { f() } catch {}\n"),
        ("a.jsx", "const a = <b/>\n\ntry { f() } catch {}\n"),
        ("a.tsx", "const a = <b/>\n\ntry { f() } catch {}\n"),
        ("a.mts", "const a = <T>b\n\ntry { f() } catch {}\n"),
        ("a.vue", "<template>\n</template>\n<script lang='ts'>try { f() } catch {}</script>\n"),
        ("a.svelte", "<b/>\n\n<script>try { f() } catch {}</script>\n"),
    ],
)
def test_every_dialect_is_read(tmp_path: Path, name: str, code: str) -> None:
    """Flow, JSX, casts in angle brackets, components: the line is the file's."""
    assert judged(tmp_path, f"service/{name}", code) == [("swallowed-exception", 3)]
